/*
 * pickle_opcodes - the opcodes that plain data needs
 */
#ifndef PICKLE_OPCODES_H
#define PICKLE_OPCODES_H

/* Names and codes of Python 3.11, Lib/pickle.py. */
enum {
	MARK = '(',
	STOP = '.',
	POP = '0',
	POP_MARK = '1',
	DUP = '2',
	BINFLOAT = 'G',
	BININT = 'J',
	BININT1 = 'K',
	BININT2 = 'M',
	NONE = 'N',
	BINUNICODE = 'X',
	BINBYTES = 'B',
	SHORT_BINBYTES = 'C',
	EMPTY_LIST = ']',
	APPEND = 'a',
	APPENDS = 'e',
	EMPTY_DICT = '}',
	SETITEM = 's',
	SETITEMS = 'u',
	EMPTY_TUPLE = ')',
	TUPLE = 't',
	BUILD = 'b',
	GLOBAL = 'c',
	BINPUT = 'q',
	LONG_BINPUT = 'r',
	BINGET = 'h',
	LONG_BINGET = 'j',
	PROTO = 0x80,
	NEWOBJ = 0x81,
	TUPLE1 = 0x85,
	TUPLE2 = 0x86,
	TUPLE3 = 0x87,
	NEWTRUE = 0x88,
	NEWFALSE = 0x89,
	LONG1 = 0x8a,
	SHORT_BINUNICODE = 0x8c,
	BINUNICODE8 = 0x8d,
	BINBYTES8 = 0x8e,
	STACK_GLOBAL = 0x93,
	MEMOIZE = 0x94,
	FRAME = 0x95
};

#endif
