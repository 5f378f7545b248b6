noinst_LIBRARIES += lib/client/libclient.a
lib_client_libclient_a_SOURCES = 
