noinst_LIBRARIES += lib/core/libcore.a
lib_core_libcore_a_SOURCES = \
	lib/core/action.h \
	lib/core/admission.c lib/core/admission.h \
	lib/core/aside.c lib/core/aside.h \
	lib/core/broken.c lib/core/broken.h \
	lib/core/check.c \
	lib/core/command.c lib/core/command.h \
	lib/core/correct.c \
	lib/core/crash.c lib/core/crash.h \
	lib/core/core.c lib/core/core.h lib/core/core_priv.h \
	lib/core/engine.c \
	lib/core/event.h lib/core/fact.h \
	lib/core/fact_trace.c \
	lib/core/fence.c lib/core/fence_job.h \
	lib/core/home.c \
	lib/core/image.c \
	lib/core/local.c \
	lib/core/member.c \
	lib/core/msg.h \
	lib/core/names.c \
	lib/core/order.c lib/core/order.h \
	lib/core/out.c \
	lib/core/placement.c lib/core/placement.h \
	lib/core/pool.c lib/core/pool.h \
	lib/core/propose.c \
	lib/core/ready.c \
	lib/core/report.c lib/core/report.h \
	lib/core/request.c \
	lib/core/rules.h \
	lib/core/soft.c \
	lib/core/staged.c \
	lib/core/start.c \
	lib/core/state.c lib/core/state.h lib/core/state_apply.h \
	lib/core/trace.h \
	lib/core/view.c lib/core/view.h \
	lib/core/vm.c lib/core/vm_soft.h

check_PROGRAMS += tests/unit/test-state
TESTS += tests/unit/test-state
tests_unit_test_state_SOURCES = tests/unit/test-state.c
tests_unit_test_state_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_state_LDADD = lib/core/libcore.a lib/model/libmodel.a $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-command
TESTS += tests/unit/test-command
tests_unit_test_command_SOURCES = tests/unit/test-command.c
tests_unit_test_command_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_command_LDADD = lib/core/libcore.a lib/policy/libpolicy.a \
	lib/replica/libreplica.a lib/model/libmodel.a lib/base/libbase.a \
	$(CHECK_LIBS)

# The core among others, in the simulator.
SMALL_CLUSTER = tests/unit/small-cluster.c tests/unit/small-cluster.h

check_PROGRAMS += tests/unit/test-core
TESTS += tests/unit/test-core
tests_unit_test_core_SOURCES = tests/unit/test-core.c $(SMALL_CLUSTER)
tests_unit_test_core_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_core_LDADD = $(sim_libs) $(CHECK_LIBS)

# What it may be told.
check_PROGRAMS += tests/unit/test-msg
TESTS += tests/unit/test-msg
tests_unit_test_msg_SOURCES = tests/unit/test-msg.c $(SMALL_CLUSTER)
tests_unit_test_msg_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_msg_LDADD = $(sim_libs) $(CHECK_LIBS)

# And what it says.
check_PROGRAMS += tests/unit/test-say
TESTS += tests/unit/test-say
tests_unit_test_say_SOURCES = tests/unit/test-say.c $(SMALL_CLUSTER)
tests_unit_test_say_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_say_LDADD = $(sim_libs) $(CHECK_LIBS)

# In every state that it can be in, bent by hand.
BENT_CORE = tests/unit/bent-core.c tests/unit/bent-core.h $(SMALL_CLUSTER)

check_PROGRAMS += tests/unit/test-view
TESTS += tests/unit/test-view
tests_unit_test_view_SOURCES = tests/unit/test-view.c $(BENT_CORE)
tests_unit_test_view_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_view_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-request
TESTS += tests/unit/test-request
tests_unit_test_request_SOURCES = tests/unit/test-request.c $(BENT_CORE)
tests_unit_test_request_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_request_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-order
TESTS += tests/unit/test-order
BENT_ORDER = tests/unit/bent-order.c tests/unit/bent-order.h $(BENT_CORE)
tests_unit_test_order_SOURCES = tests/unit/test-order.c $(BENT_ORDER)
tests_unit_test_order_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_order_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-order-run
TESTS += tests/unit/test-order-run
tests_unit_test_order_run_SOURCES = tests/unit/test-order-run.c $(BENT_ORDER)
tests_unit_test_order_run_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_order_run_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-ready
TESTS += tests/unit/test-ready
tests_unit_test_ready_SOURCES = tests/unit/test-ready.c $(BENT_ORDER)
tests_unit_test_ready_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_ready_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-start
TESTS += tests/unit/test-start
tests_unit_test_start_SOURCES = tests/unit/test-start.c $(BENT_ORDER)
tests_unit_test_start_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_start_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-fence
TESTS += tests/unit/test-fence
tests_unit_test_fence_SOURCES = tests/unit/test-fence.c $(BENT_CORE)
tests_unit_test_fence_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_fence_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-member
TESTS += tests/unit/test-member
tests_unit_test_member_SOURCES = tests/unit/test-member.c $(BENT_CORE)
tests_unit_test_member_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_member_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-report
TESTS += tests/unit/test-report
tests_unit_test_report_SOURCES = tests/unit/test-report.c $(BENT_CORE)
tests_unit_test_report_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_report_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-moves
TESTS += tests/unit/test-moves
tests_unit_test_moves_SOURCES = tests/unit/test-moves.c $(BENT_ORDER)
tests_unit_test_moves_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_moves_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-start-plan
TESTS += tests/unit/test-start-plan
tests_unit_test_start_plan_SOURCES = tests/unit/test-start-plan.c $(BENT_ORDER)
tests_unit_test_start_plan_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_start_plan_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-vm
TESTS += tests/unit/test-vm
tests_unit_test_vm_SOURCES = tests/unit/test-vm.c $(BENT_ORDER)
tests_unit_test_vm_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_vm_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-pool
TESTS += tests/unit/test-pool
tests_unit_test_pool_SOURCES = tests/unit/test-pool.c $(BENT_ORDER)
tests_unit_test_pool_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_pool_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-demand
TESTS += tests/unit/test-demand
tests_unit_test_demand_SOURCES = tests/unit/test-demand.c $(BENT_ORDER)
tests_unit_test_demand_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_demand_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-local
TESTS += tests/unit/test-local
tests_unit_test_local_SOURCES = tests/unit/test-local.c $(BENT_CORE)
tests_unit_test_local_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_local_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-aside
TESTS += tests/unit/test-aside
tests_unit_test_aside_SOURCES = tests/unit/test-aside.c $(BENT_CORE)
tests_unit_test_aside_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_aside_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-broken
TESTS += tests/unit/test-broken
tests_unit_test_broken_SOURCES = tests/unit/test-broken.c $(BENT_ORDER)
tests_unit_test_broken_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_broken_LDADD = $(sim_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/test-crashes
TESTS += tests/unit/test-crashes
tests_unit_test_crashes_SOURCES = tests/unit/test-crashes.c
tests_unit_test_crashes_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_crashes_LDADD = lib/core/libcore.a lib/base/libbase.a $(CHECK_LIBS)

# Alone, with the test as its shell.
check_PROGRAMS += tests/unit/test-shell
TESTS += tests/unit/test-shell
tests_unit_test_shell_SOURCES = tests/unit/test-shell.c
tests_unit_test_shell_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_shell_LDADD = lib/core/libcore.a lib/policy/libpolicy.a \
	lib/replica/libreplica.a lib/model/libmodel.a lib/base/libbase.a \
	$(CHECK_LIBS)
