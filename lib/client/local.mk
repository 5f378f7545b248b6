# what this folder adds to the build
noinst_LIBRARIES += lib/client/libclient.a
lib_client_libclient_a_SOURCES = lib/client/client.c lib/client/client.h
