noinst_LIBRARIES += lib/core/libcore.a
lib_core_libcore_a_SOURCES = lib/core/action.h lib/core/command.h lib/core/core.h lib/core/event.h lib/core/fact.h lib/core/msg.h lib/core/state.h lib/core/view.h 
