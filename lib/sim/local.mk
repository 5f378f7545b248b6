noinst_LIBRARIES += lib/sim/libsim.a
lib_sim_libsim_a_SOURCES = 
