#!/usr/bin/python3
"""webhook_socket PORT COMMAND... - run the command as systemd does: with a
listening socket of the port as descriptor 3, LISTEN_FDS and LISTEN_PID"""
import os
import socket
import sys

listening = socket.create_server(('127.0.0.1', int(sys.argv[1])))
os.dup2(listening.fileno(), 3)
os.set_inheritable(3, True)
os.environ['LISTEN_FDS'] = '1'
os.environ['LISTEN_PID'] = str(os.getpid())
os.execvp(sys.argv[2], sys.argv[2:])
