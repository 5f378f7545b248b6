noinst_LIBRARIES += lib/replica/libreplica.a
lib_replica_libreplica_a_SOURCES = \
	lib/replica/check.c lib/replica/entry.h lib/replica/image.c \
	lib/replica/level.c lib/replica/level.h lib/replica/log.c \
	lib/replica/newest.c lib/replica/open.c lib/replica/out.c \
	lib/replica/parts.h lib/replica/persist.c \
	lib/replica/propose.c lib/replica/replica.c \
	lib/replica/replica.h lib/replica/replica_priv.h lib/replica/rmsg.h \
	lib/replica/rules.h lib/replica/sync.c lib/replica/view.c

check_PROGRAMS += tests/swarm/replica-swarm
tests_swarm_replica_swarm_SOURCES = \
	tests/swarm/fault.c tests/swarm/node.c tests/swarm/node.h \
	tests/swarm/replica-swarm.c tests/swarm/store.c tests/swarm/toy.c \
	tests/swarm/view.c tests/swarm/world.c tests/swarm/world.h
tests_swarm_replica_swarm_LDADD = lib/replica/libreplica.a
TESTS += tests/swarm/replica-swarm

SMALL_RING = tests/unit/small-ring.c tests/unit/small-ring.h

check_PROGRAMS += tests/unit/test-replica
TESTS += tests/unit/test-replica
tests_unit_test_replica_SOURCES = tests/unit/test-replica.c $(SMALL_RING)
tests_unit_test_replica_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_replica_LDADD = lib/replica/libreplica.a $(CHECK_LIBS)

# What replicas may be told by others.
check_PROGRAMS += tests/unit/test-rmsg
TESTS += tests/unit/test-rmsg
tests_unit_test_rmsg_SOURCES = tests/unit/test-rmsg.c $(SMALL_RING)
tests_unit_test_rmsg_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_rmsg_LDADD = lib/replica/libreplica.a $(CHECK_LIBS)

# And where there is little room.
check_PROGRAMS += tests/unit/test-room
TESTS += tests/unit/test-room
tests_unit_test_room_SOURCES = tests/unit/test-room.c $(SMALL_RING)
tests_unit_test_room_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_unit_test_room_LDADD = lib/replica/libreplica.a $(CHECK_LIBS)
