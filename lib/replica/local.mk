noinst_LIBRARIES += lib/replica/libreplica.a
lib_replica_libreplica_a_SOURCES = lib/replica/entry.h lib/replica/replica.h lib/replica/rmsg.h 
