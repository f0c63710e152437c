# structure: each check finds the fault that is planted for it

load helpers

# A small tree of two folders and one tool, without a fault.
setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p lib/base lib/text src/cut tests/unit
	printf 'base\ntext\n' >lib/ORDER
	cat >lib/base/buf.h <<-'C'
		enum buf_state { BUF_EMPTY, BUF_FULL };
		int buf_put(char c);
	C
	cat >lib/base/buf.c <<-'C'
		#include "base/buf.h"

		static int
		state(void)
		{
			return BUF_EMPTY + BUF_FULL;
		}

		int
		buf_put(char c)
		{
			return c + state();
		}
	C
	cat >lib/text/cut.h <<-'C'
		int cut_at(char c);
	C
	cat >lib/text/cut.c <<-'C'
		#include "text/cut.h"

		#include "base/buf.h"

		int
		cut_at(char c)
		{
			return buf_put(c);
		}
	C
	cat >src/cut/show.h <<-'C'
		void show(void);
	C
	cat >src/cut/show.c <<-'C'
		#include "show.h"

		#include "text/cut.h"

		void
		show(void)
		{
			cut_at('x');
		}
	C
	cat >src/pl-cut.c <<-'C'
		#include "cut/show.h"

		int
		main(void)
		{
			show();
			return 0;
		}
	C
}

structure() {
	"$PL_TEST_ROOT/tests/structure" "$1" "$BATS_TEST_TMPDIR"
}

# Run the check on the tree as it is now.
finds() {
	run -1 structure "$1"
	echo "$output"
	[[ $output == *"$2"* ]]
}

@test "a tree without a fault passes every check" {
	for check in order circles exports enums width; do
		run -0 structure $check
		[ "$output" = '' ]
	done
}

@test "an include may not go up lib/ORDER" {
	sed -i '1i #include "text/cut.h"' lib/base/buf.c
	finds order 'lib/base/buf.c: includes lib/text/cut.h'
}

@test "a folder of lib has a place in lib/ORDER" {
	mkdir lib/attic
	: >lib/attic/old.c
	finds order 'lib/attic/old.c: lib/ORDER does not name its folder'
}

@test "a tool does not include a part of another tool" {
	sed 's/cut.show/cut\/show/' src/pl-cut.c >src/pl-join.c
	finds order 'src/pl-join.c: includes src/cut/show.h'
}

@test "an include that leads nowhere is found" {
	sed -i '1i #include "buf.h"' lib/text/cut.c
	finds order 'lib/text/cut.c: includes what is nowhere: buf.h'
}

@test "two headers that include each other are a circle" {
	sed -i '1i #include "text/cut.h"' lib/base/buf.h
	sed -i '1i #include "base/buf.h"' lib/text/cut.h
	finds circles 'a circle: lib/base/buf lib/text/cut'
}

@test "files that share a private header are one module, others are not" {
	printf '#ifndef P\n#define P\n#include "text/a.h"\n#endif\n' \
		>lib/text/a_private.h
	printf 'int a_b(void);\n' >lib/text/a.h
	printf '#include "text/a_private.h"\nint\na_b(void)\n{\n}\n' \
		>lib/text/a_b.c
	printf '#include "text/a_private.h"\nint\na(void)\n{\n\ta_b();\n}\n' \
		>lib/text/a.c
	run -0 structure circles
	mv lib/text/a_private.h lib/text/a_secret.h
	sed -i s/a_private/a_secret/ lib/text/a.c lib/text/a_b.c
	sed -i '1i #include "text/a_secret.h"' lib/text/a.h
	finds circles 'a circle: lib/text/a lib/text/a_secret'
}

@test "two files that call each other are a circle, whoever declares them" {
	echo 'void parts_a(void); void parts_b(void);' >lib/text/parts.h
	printf '#include "text/parts.h"\n\nvoid\nparts_a(void)\n{\n\tparts_b();\n}\n' \
		>lib/text/a.c
	printf '#include "text/parts.h"\n\nvoid\nparts_b(void)\n{\n\tparts_a();\n}\n' \
		>lib/text/b.c
	finds circles 'a circle: lib/text/a lib/text/b'
}

@test "a function that only its own file calls must not be exported; a test is a caller" {
	sed -i 's/^static int/int/' lib/base/buf.c
	finds exports 'lib/base/buf.c: only it uses state'
	echo 'int main(void) { return state(); }' >tests/unit/buf_test.c
	run -0 structure exports
	# So is a macro, for whoever writes it.
	rm tests/unit/buf_test.c
	printf '#define BUF_STATE \\\n\tstate()\n' >>lib/base/buf.h
	run -0 structure exports
}

@test "an enum constant that nothing uses is found" {
	sed -i 's/BUF_FULL/BUF_FULL, BUF_BURST/' lib/base/buf.h
	finds enums 'lib/base/buf.h: nothing uses BUF_BURST'
}

@test "a line of more than 100 columns is found; a tab counts as eight" {
	printf '\t\t%084d\n' 0 >>lib/base/buf.c
	run -0 structure width
	printf '\t\t%085d\n' 0 >>lib/base/buf.c
	finds width 'wider than 100 columns'
}
