# make            build bin/ (see ./setup for the packages it needs)
# make check      everything that must hold before a commit: unit tests and bats
# make SAN=address,undefined check    the same, sanitised, in its own tree

VERSION = 0.1.0
# Of the environment or the command line, else these.
PREFIX ?= /usr/local
DESTDIR ?=
CFLAGS ?= -O3 -g

TOOLS = pl-ingest pl-enqueue pl-chunk pl-embed pl-store pl-worker pl-jobctl \
	pl-search pl-webhook
TOOLS := $(foreach t,$(TOOLS),$(if $(wildcard src/$(t).c),$(t)))
SCRIPTS = $(patsubst src/%.sh,%,$(wildcard src/*.sh))

PACKAGES = hiredis libpq libcurl libmicrohttpd yyjson libssl libcrypto zlib

ifdef SAN
tree = build-san
BIN = $(tree)/bin
hard = -fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all
else
tree = build
BIN = bin
hard = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
hardlink = -pie -Wl,-z,relro,-z,now
endif

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Wformat=2 -Wwrite-strings -Wno-overlength-strings
ifdef WERROR
WARN += -Werror
endif
# A statement of SQL that nobody uses; clang does not look into headers.
ifeq ($(findstring clang,$(shell $(CC) --version)),)
WARN += -Wunused-const-variable=2
endif

pkg_cflags := $(shell pkg-config --cflags $(PACKAGES))
pkg_libs := $(shell pkg-config --libs $(PACKAGES))
all_cflags = -std=c11 -D_POSIX_C_SOURCE=200809L -DPL_VERSION='"$(VERSION)"' \
	-Ilib -I$(tree) $(pkg_cflags) $(WARN) $(CPPFLAGS) $(CFLAGS) $(hard) \
	-MMD -MP
# --as-needed: a tool links only to what it uses.
all_ldflags = -Wl,--as-needed $(LDFLAGS) $(hard) $(hardlink)

sources = $(wildcard lib/*/*.c src/*.c src/*/*.c)
modules = $(patsubst lib/%.c,%,$(wildcard lib/*/*.c))
# Modules that have SSE2 and plain C beside it; their tests are run with both.
with_sse2 = base/utf8 record/json_members record/json_write text/char_marks \
	text/line_ends
plain_test = $(patsubst %,$(tree)/unit/%_plain_test,$(notdir $(1)))
archive = $(tree)/libpl.a
# The parts of src/pl-NAME.c stand in src/NAME/.
parts = $(patsubst src/%.c,$(tree)/src/%.o,$(wildcard src/$(patsubst pl-%,%,$(1))/*.c))
unit_tests = $(patsubst tests/unit/%.c,$(tree)/unit/%,$(wildcard tests/unit/*_test.c)) \
	$(call plain_test,$(with_sse2))
fuzzers = $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*_fuzz.c))
bats_files = $(wildcard tests/*.bats)

.DELETE_ON_ERROR:
.SECONDARY:
.SECONDEXPANSION:
.PHONY: all check unit bats lint fuzz bench cover html install install-doc \
	install-completions uninstall dist deb clean demo torture flags objects \
	FORCE

all: $(TOOLS:%=$(BIN)/%) $(SCRIPTS:%=$(BIN)/%)

$(BIN)/%: $(tree)/src/%.o $$(call parts,$$*) $(archive)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(lto) $(all_ldflags) -o $@ $^ $(pkg_libs) -lm

$(SCRIPTS:%=$(BIN)/%): $(BIN)/%: src/%.sh
	@mkdir -p $(@D)
	sed 's|@VERSION@|$(VERSION)|' $< >$@
	chmod +x $@

$(archive): $(modules:%=$(tree)/lib/%.o)
	@rm -f $@
	$(AR) rcsP $@ $^

$(tree)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(all_cflags) $(lto) -c -o $@ $<

# SQL and Lua become C strings. A file of SQL holds statements, each behind a
# line "-- name: NAME"; that one is sql_NAME in sql_FILE.h, without comments.
# A file of Lua, or a migration, is one string; migrations stand in a table.
embed = { echo "/* made from $(1) */"; echo "static const char $(2)[] ="; \
	sed 's/\\/\\\\/g; s/"/\\"/g; s/^/    "/; s/$$/\\n"/' $(1); echo ";"; }
schema_files = $(wildcard lib/store/schema/*.sql)
lua_files = $(wildcard lib/queue/lua/*.lua)
sql_headers = $(patsubst lib/store/sql/%.sql,$(tree)/sql_%.h, \
	$(wildcard lib/store/sql/*.sql))
generated = $(sql_headers) $(tree)/migrations.h $(tree)/moves.h \
	$(tree)/moves_sql.h $(tree)/lua_scripts.h $(tree)/build_info.h
$(tree)/sql_%.h: lib/store/sql/%.sql lib/store/sql/embed.awk
	@mkdir -p $(@D)
	awk -f lib/store/sql/embed.awk $< >$@
$(patsubst %.c,$(tree)/%.o,$(wildcard lib/store/*.c)): | $(sql_headers)
$(tree)/moves.h $(tree)/moves_sql.h: lib/store/moves.txt lib/store/moves.awk
	@mkdir -p $(@D)
	awk -v form=$(if $(findstring sql,$@),sql,c) -f lib/store/moves.awk $< >$@
$(tree)/lib/store/state.o: $(tree)/moves.h
$(tree)/migrations.h: $(schema_files)
	@mkdir -p $(@D)
	{ for f in $^; do n=$$(basename $$f .sql); \
		$(call embed,$$f,schema_$$n); done; \
	  echo "static const char *const migrations[] = {"; \
	  for f in $^; do echo "    schema_$$(basename $$f .sql),"; done; \
	  echo "};"; } >$@
$(tree)/lua_scripts.h: $(lua_files)
	@mkdir -p $(@D)
	for f in $^; do n=$$(basename $$f .lua); \
		$(call embed,$$f,lua_$$n); done >$@
# What was built of which commit and with which libraries; changed only if it differs.
commit = $(or $(COMMIT),$(shell git describe --always --dirty --abbrev=12 \
	--exclude='*' 2>/dev/null))
$(tree)/build_info.h: FORCE
	@mkdir -p $(@D)
	@{ echo '#define BUILD_COMMIT "$(commit)"'; \
	  echo 'static const char *const build_libraries[][2] = {'; \
	  for p in $(PACKAGES); do \
		echo "    {\"$$p\", \"$$(pkg-config --modversion $$p)\"},"; done; \
	  echo "};"; } >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(tree)/src/jobctl/version.o: $(tree)/build_info.h
$(tree)/lib/store/schema.o: $(tree)/migrations.h $(tree)/moves_sql.h
$(tree)/lib/queue/queue.o: $(tree)/lua_scripts.h

$(tree)/unit/%: tests/unit/%.c $(archive)
	@mkdir -p $(@D)
	$(CC) $(all_cflags) $(all_ldflags) -o $@ $< $(archive) $(pkg_libs) -lm

# As elsewhere than on x86-64: no vectors, and char without a sign.
$(foreach m,$(with_sse2),$(eval $(call plain_test,$(m)): \
	tests/unit/$(notdir $(m))_test.c lib/$(m).c))
$(call plain_test,$(with_sse2)): $(archive)
	@mkdir -p $(@D)
	$(CC) $(all_cflags) -U__SSE2__ -funsigned-char $(all_ldflags) -o $@ \
		$(filter %.c,$^) $(archive) $(pkg_libs) -lm

# Programs that bats files drive a module with.
drivers = $(patsubst tests/%.c,$(tree)/tests/%,$(wildcard tests/*_driver.c))
$(tree)/tests/%: tests/%.c $(archive)
	@mkdir -p $(@D)
	$(CC) $(all_cflags) $(all_ldflags) -o $@ $< $(archive) $(pkg_libs) -lm

# One after the other, also under -j, so that their reports do not mix.
check:
	@$(MAKE) --no-print-directory unit
	@$(MAKE) --no-print-directory bats

unit: $(unit_tests)
	@tests/run-unit $(unit_tests)

bats: all $(drivers)
	@PL_TEST_TREE="$(abspath $(tree))" PATH="$(abspath $(BIN)):$$PATH" \
		tests/run-bats $(bats_files)

lint:
	tests/lint

# For clangd and other tools: how each file is compiled.
compile_commands.json: $(sources) $(generated) Makefile
	@printf '%s\n' $(sources) | jq -R --arg folder '$(CURDIR)' \
		--arg flags '$(CC) $(subst ','\'',$(filter-out -MMD -MP -Wunused-const%,$(all_cflags)))' \
		'{directory: $$folder, file: ., command: "\($$flags) -c \(.)"}' | \
		jq -s . >$@

# For tests/lint: how a file is compiled, and everything that can be.
flags:
	@echo '$(subst ',,$(filter-out -MMD -MP -Wunused-const%,$(all_cflags)))'
objects: $(patsubst %.c,$(tree)/%.o,$(sources)) $(unit_tests)

fuzz:
	tests/fuzz/run $(fuzzers)

bench: all
	PATH="$(abspath $(BIN)):$$PATH" tests/bench/run
	PATH="$(abspath $(BIN)):$$PATH" tests/bench/queue/run
	PATH="$(abspath $(BIN)):$$PATH" tests/bench/webhook/run

torture: all
	PATH="$(abspath $(BIN)):$$PATH" tests/torture/run

demo: all
	PATH="$(abspath $(BIN)):$$PATH" pl demo

cover:
	tests/cover

# The manual and the docs, linked.
html:
	docs/make-html build/html

# What is installed is optimised as a whole (pl-chunk gains 4 %): in a tree of
# its own, as that takes half a minute for each change.
ifeq ($(findstring clang,$(shell $(CC) --version)),)
whole = lto='-flto=auto -ffat-lto-objects'
endif
install: install-doc install-completions
	$(MAKE) tree=build-install BIN=build-install/bin $(whole) all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/pl \
		$(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5 \
		$(DESTDIR)$(PREFIX)/share/man/man7
	install $(TOOLS:%=build-install/bin/%) $(SCRIPTS:%=build-install/bin/%) \
		$(DESTDIR)$(PREFIX)/bin
	for s in 1 5 7; do install -m 644 man/*.$$s \
		$(DESTDIR)$(PREFIX)/share/man/man$$s; done
	cp -R examples $(DESTDIR)$(PREFIX)/share/pl

# As they lie in the tree, so that their links hold.
docdir = $(DESTDIR)$(PREFIX)/share/doc/pl
install-doc:
	install -d $(docdir)/docs/decisions
	install -m 644 README.md NEWS.md CONTRIBUTING.md LICENSE $(docdir)
	install -m 644 docs/*.md $(docdir)/docs
	install -m 644 docs/decisions/*.md $(docdir)/docs/decisions

# bash and fish look for a file of the command's name.
completions = $(DESTDIR)$(PREFIX)/share
bash_dir = $(completions)/bash-completion/completions
zsh_dir = $(completions)/zsh/site-functions
fish_dir = $(completions)/fish/vendor_completions.d
install-completions:
	install -d $(bash_dir) $(zsh_dir) $(fish_dir)
	install -m 644 completions/pl.bash $(bash_dir)/pl
	install -m 644 completions/_pl $(zsh_dir)/_pl
	install -m 644 completions/pl.fish $(fish_dir)/pl.fish
	for t in $(TOOLS); do ln -sf pl $(bash_dir)/$$t; \
		ln -sf pl.fish $(fish_dir)/$$t.fish; done

uninstall:
	cd $(DESTDIR)$(PREFIX)/bin && rm -f $(TOOLS) $(SCRIPTS)
	for p in man/*.[157]; do rm -f \
		$(DESTDIR)$(PREFIX)/share/man/man$${p##*.}/$${p#man/}; done
	rm -rf $(DESTDIR)$(PREFIX)/share/pl $(docdir)
	rm -f $(zsh_dir)/_pl
	for t in $(TOOLS) pl; do rm -f $(bash_dir)/$$t $(fish_dir)/$$t.fish; done

dist:
	git archive --prefix=pl-$(VERSION)/ -o pl-$(VERSION).tar.gz HEAD

# The Debian package, for the release that builds it; './setup deb' builds it, too.
deb:
	packaging/make-deb build-deb

clean:
	rm -rf bin build build-* compile_commands.json

-include $(wildcard $(tree)/lib/*/*.d $(tree)/src/*.d $(tree)/src/*/*.d \
	$(tree)/unit/*.d $(tree)/tests/*.d)
