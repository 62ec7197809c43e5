# SPDX-License-Identifier: BSD-3-Clause
# takt: one makefile. `make help` lists the targets.

O ?= build
V ?= 0
SAN ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' '$(1)' '$(2)';)
MAKEFLAGS += --no-builtin-rules

CC := gcc
CSTD := -std=gnu11 -D_GNU_SOURCE
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wundef -Wvla -Werror
OPT := -O2 -g
CFLAGS := $(CSTD) $(WARN) $(OPT) -I. -MMD -MP -fno-strict-aliasing -pthread
LDFLAGS := -pthread
STATIC := -static
ifeq ($(SAN),1)
O := build/asan
CFLAGS += -fsanitize=address,undefined -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
STATIC :=	# the sanitizers' libraries are shared ones
endif
ifeq ($(FUZZ),1)
CC := clang
CFLAGS += -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -Wno-format-zero-length
LDFLAGS += -fsanitize=fuzzer,address,undefined
endif
export O

REV := $(shell git describe --always --dirty --tags 2>/dev/null || echo unknown)

# -- who may include whom (checked by check-layers) ----------------------------------------------------------------------
DEPS_base   := base
DEPS_tsn    := tsn base
DEPS_ptp    := ptp base
DEPS_vnet   := vnet tsn ptp base
DEPS_probes := probes base ptp vnet/pkt.h vnet/rec.h vnet/ctl_proto.h vnet/client.h
DEPS_bench  := bench base ptp vnet/pkt.h vnet/rec.h vnet/ctl_proto.h vnet/client.h vnet/yml.h
RTE_FILES   := vnet/eal.c vnet/pkt.c vnet/port_guest.c vnet/port_wire.c bench/judge.c
RTE_HEADERS := vnet/pkt_mbuf.h
CLOCK_FILES := ptp probes bench vnet/eal.c vnet/main.c vnet/ctl.c vnet/ctl_cmds.c vnet/client.c vnet/wire_stamp.c	# measure, wait or answer
ALLOC_FILES := tsn/gcl.c tsn/order.c tsn/police.c tsn/police_list.c tsn/tc_line.c tsn/tc_print.c	# where profiles are created

# -- sources: found by folder, so that a new file is in no list --------------------------------------------------------------
SRC_base   := $(wildcard base/*.c)
SRC_tsn    := $(wildcard tsn/*.c)
SRC_ptp    := $(wildcard ptp/*.c)
SRC_probes := $(filter-out %.bpf.c,$(wildcard probes/*.c))
SRC_bench  := $(filter-out bench/judge.c %.bpf.c,$(wildcard bench/*.c))
SRC_client := vnet/client.c $(wildcard vnet/cli_*.c vnet/qdisc_*.c)	# of vnet: the client's alone,
SRC_both   := vnet/yml.c $(wildcard vnet/conf*.c vnet/yang*.c)		# and what it has in common with taktd: no DPDK in either
SRC_taktd  := $(filter-out $(SRC_client),$(wildcard vnet/*.c))
SRC_agent  := $(filter-out %.bpf.c,$(wildcard probes/guest*.c)) $(addprefix probes/,event_ring.c evsink.c evwriter.c host_name.c refusal.c steal.c)	# runs in guests

obj = $(patsubst %.c,$(O)/%.o,$(1))
OBJ_takt  := $(call obj,takt.c $(SRC_base) $(SRC_tsn) $(SRC_ptp) $(SRC_probes) $(SRC_bench) $(SRC_client) $(SRC_both))
OBJ_taktd := $(call obj,$(SRC_base) $(SRC_tsn) $(SRC_ptp) $(SRC_taktd))
OBJ_guest := $(call obj,takt_guest.c $(SRC_base) $(SRC_agent))
OBJ_judge := $(call obj,$(SRC_base) bench/judge.c)
OBJ_core  := $(sort $(filter-out $(call obj,takt.c vnet/main.c $(RTE_FILES)),$(OBJ_takt) $(OBJ_taktd)))	# what tests link: all but DPDK's side

LIBS_takt  := -lyaml -ljansson -lpcap -lm -lmnl -lbpf -lz
LIBS_taktd  = -lyaml $(shell pkg-config --libs libdpdk) -lbpf -lxdp -lm
LIBS_judge  = $(shell pkg-config --libs libdpdk)
LIBS_test  := -lcmocka -ljansson -lyaml -lm -lmnl -lz -lbpf

.PHONY: all help deps demo test check check-quick check-layers check-headers check-docs check-net fuzz fuzz-build fuzzers asan bench docs install clean FORCE
all: $(O)/takt $(O)/taktd $(O)/takt-judge $(O)/takt-guest
	$(Q)ln -sfn $(O)/takt takt; ln -sfn $(O)/taktd taktd
	$(Q)if [ -x /usr/bin/linux.uml ] && [ -x /bin/busybox ]; then O=$(O) scripts/guest-image uml; fi	# a tenth of a second, once

help:
	@sed -n -e 's/^# make \(.*\)/  make \1/p' -e 's/^# O=/\nO=/p' Makefile

# make all                     build takt, taktd, takt-judge, takt-guest, and the image of a User Mode Linux guest
# make deps                    install missing Debian packages (root)
# make demo                    install, build, run the main job, leave results/demo/latest/report.html (root)
# make test                    install, build, run every test (root); SUITES="unit sim": those alone
# make check                   layers, headers, generated docs, unit tests and vectors: no root, under a minute
# make check-quick             of these the unit tests and vectors alone; also: check-layers, check-headers, check-docs
# make check-net               tests/net alone: real processes, guests and wires (root)
# make fuzz FUZZ_SECONDS=10    fuzz each parser for so long, from the seeds in tests/fuzz
# make asan                    unit tests and simulation under the sanitizers
# make bench BENCH=NAME        measure against a peer (root); without BENCH: which there are
# make docs                    print the generated pages again: docs/config.md, docs/man
# make install DESTDIR= PREFIX=/usr/local
# make clean
#
# O=build: where everything generated goes. V=1: show commands. SAN=1: with the sanitizers, in build/asan.

PREFIX ?= /usr/local
SUITES ?=

NEEDS_net := $(O)/tests/guest/guestclock $(O)/tests/net/blame_scene $(O)/tests/net/jail_scene	# what tests/net runs beside the programs

# What is installed decides what pkg-config says, so building goes on in a make of its own.
test:
	$(Q)scripts/deps
	+$(Q)$(MAKE) all $(O)/tests/unit/run $(O)/tests/sim/run $(NEEDS_net)
	+$(Q)$(MAKE) fuzz-build
	+$(Q)$(MAKE) check-layers check-headers check-docs
	$(Q)scripts/guest-image uml qemu qemu-6.1 qemu-6.12
	$(Q)scripts/test $(SUITES)

check-net: all $(NEEDS_net)
	$(Q)scripts/test $(filter-out lib,$(basename $(notdir $(wildcard tests/net/*.sh))))

demo:
	$(Q)scripts/deps build run
	+$(Q)$(MAKE) all
	$(Q)scripts/guest-image uml
	$(Q)./takt bench demo

BENCHES := pvp64 gate cbs ptp blame overhead join
# What a bench needs beside the programs: what is built, which guests, and where it finds them.
NEEDS_join      := $(O)/tests/guest/guestclock
GUESTS_join     := uml qemu
GUESTS_overhead := uml
NEEDS_blame     := $(O)/tests/net/clock_shim.so $(O)/tests/net/clock_set $(O)/tests/guest/hog
GUESTS_blame    := qemu-6.1
ARGS_blame      := --kernel-dir $(O)/guest --clock-dir $(O)/tests/net --hog $(O)/tests/guest/hog
BENCH ?=
bench:
ifeq ($(BENCH),)
	@printf 'make bench BENCH=NAME, NAME one of: %s\n' '$(BENCHES)'
else ifeq ($(filter $(BENCH),$(BENCHES)),)
	@printf 'no bench is named %s: choose from %s\n' '$(BENCH)' '$(BENCHES)' >&2; exit 2
else
	$(Q)scripts/deps build run test >&2
	+$(Q)$(MAKE) all $(NEEDS_$(BENCH)) >&2
	$(if $(GUESTS_$(BENCH)),$(Q)scripts/guest-image $(GUESTS_$(BENCH)) >&2)
	$(Q)$(O)/takt bench $(BENCH) $(ARGS_$(BENCH))
endif

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man8 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/doc/takt \
		$(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(PREFIX)/share/takt
	install -m 755 $(O)/takt $(O)/takt-guest $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(O)/taktd $(O)/takt-judge $(DESTDIR)$(PREFIX)/sbin/
	install -m 644 docs/man/takt.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 docs/man/takt.yaml.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 644 docs/man/taktd.8 $(DESTDIR)$(PREFIX)/share/man/man8/
	install -m 644 completion/takt.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/takt
	install -m 644 examples/takt.yaml $(DESTDIR)$(PREFIX)/share/doc/takt/
	install -m 644 share/takt.lua $(DESTDIR)$(PREFIX)/share/takt/
	sed 's|@SBIN@|$(PREFIX)/sbin|' examples/taktd@.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/taktd@.service

# -- objects -----------------------------------------------------------------------------------------------------------------
DPDK_CFLAGS = $(shell pkg-config --cflags libdpdk)
$(call obj,$(RTE_FILES)): CFLAGS += $(DPDK_CFLAGS) -DALLOW_EXPERIMENTAL_API

# What says of which revision it is.
REV_OBJ := $(call obj,takt.c takt_guest.c probes/guest_agent.c probes/host_file.c vnet/main.c vnet/ctl_cmds.c bench/meta.c)
$(REV_OBJ): CFLAGS += -DTAKT_REV='"$(REV)"'
$(REV_OBJ): $(O)/rev
$(O)/rev: FORCE
	@mkdir -p $(O); echo '$(REV)' | cmp -s - $@ || echo '$(REV)' > $@
FORCE:

# Programs in the kernel are inside who loads them; styles and figures' scripts inside who writes pages.

SKEL_host        := $(call obj,$(addprefix probes/,host.c host_seen.c host_watch.c))
SKEL_guest       := $(O)/probes/guest_load.o
SKEL_blame_storm := $(O)/bench/blame_inject.o
$(SKEL_host): $(O)/probes/host.skel.h
$(SKEL_guest): $(O)/probes/guest.skel.h
$(SKEL_blame_storm): $(O)/bench/blame_storm.skel.h
$(SKEL_host) $(SKEL_guest) $(SKEL_blame_storm): CFLAGS += -I$(O)
$(O)/bench/demo_report_plot.o: $(wildcard bench/plots/demo/*.gp)
$(O)/bench/report_draw.o: $(wildcard bench/plots/*.gp)
$(O)/bench/html.o: bench/plots/report.css

$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CFLAGS) -c -o $@ $<

# BPF programs: one object for all kernels (CO-RE), inside a header that the program around it includes as "probes/NAME.skel.h".
BPFTOOL := $(firstword $(wildcard /usr/sbin/bpftool /usr/bin/bpftool) bpftool)
BPF_CFLAGS := -O2 -g -target bpf -D__TARGET_ARCH_x86 -I. -Wall -Wextra -Werror -Wno-unused-parameter -MMD -MP

$(O)/%.bpf.o: %.bpf.c
	@mkdir -p $(@D)
	$(call say,BPF,$<)clang $(BPF_CFLAGS) -c -o $@ $<
$(O)/%.skel.h: $(O)/%.bpf.o
	$(call say,SKEL,$<)$(BPFTOOL) gen skeleton $< name $(notdir $*)_bpf > $@.tmp && mv $@.tmp $@
.PRECIOUS: $(O)/%.bpf.o $(O)/%.skel.h

$(O)/takt: $(OBJ_takt)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_takt)

$(O)/taktd: $(OBJ_taktd)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_taktd)

$(O)/takt-guest: $(OBJ_guest)	# static: it runs in any guest
	$(call say,LD,$@)$(CC) $(LDFLAGS) $(STATIC) -o $@ $^ -lbpf -lelf -lz

$(O)/takt-judge: $(OBJ_judge)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_judge)

# -- tests -------------------------------------------------------------------------------------------------------------------
SRC_unit := $(wildcard tests/unit/*.c tests/unit/*/*.c)
SRC_sim  := $(wildcard tests/sim/*.c)

$(O)/core.a: $(OBJ_core)	# an archive: of it each test has what it calls
	$(call say,AR,$@)rm -f $@ && ar rcs $@ $^
$(O)/tests/unit/run: $(call obj,$(SRC_unit)) $(O)/core.a
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_test)
$(O)/tests/sim/run: $(call obj,$(SRC_sim)) $(O)/core.a
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_test)

# They run in guests, whatever libraries those have.
$(addprefix $(O)/tests/guest/,guestclock hog): %: %.o
	$(call say,LD,$@)$(CC) $(LDFLAGS) $(STATIC) -o $@ $^

# Recordings from texts, for what this machine cannot do; a jail to be killed.
$(addprefix $(O)/tests/net/,blame_scene jail_scene): %: %.o $(O)/core.a
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_test)

# A clock that is stepped, for one process (LD_PRELOAD); and who steps it.
$(O)/tests/net/clock_shim.so: tests/net/clock_shim.c
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(CSTD) -O2 -Wall -Werror -shared -fPIC -o $@ $< -ldl
$(O)/tests/net/clock_set: tests/net/clock_shim.c
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(CSTD) -O2 -Wall -Werror -DSETTER -o $@ $<

# Fuzz targets need clang; what they are built of is in a folder of its own.
FUZZ_O := build/fuzz
FUZZ_SECONDS ?= 10
SRC_fuzz := $(wildcard tests/fuzz/*_fuzz.c)
FUZZERS  := $(patsubst %.c,$(O)/%,$(SRC_fuzz))

$(FUZZERS): %: %.o $(O)/tests/fuzz/sched.o $(O)/core.a
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_test)
fuzzers: $(FUZZERS)
fuzz-build:
	+$(Q)$(MAKE) FUZZ=1 O=$(FUZZ_O) fuzzers
fuzz: fuzz-build
	$(Q)tests/fuzz/run $(FUZZ_O) seconds $(FUZZ_SECONDS)

deps:
	$(Q)scripts/deps

check: check-layers check-headers check-docs check-quick

check-quick: $(O)/tests/unit/run
	$(Q)$(O)/tests/unit/run

asan:
	+$(Q)$(MAKE) SAN=1 O=build/asan check-quick build/asan/tests/sim/run
	$(Q)build/asan/tests/sim/run 1 100

check-layers:
	$(Q)scripts/check-layers $(foreach d,base tsn ptp vnet probes bench,'$(d): $(DEPS_$(d))') 'rte: $(RTE_FILES) $(RTE_HEADERS)' \
		'clock: $(CLOCK_FILES)' 'alloc: $(ALLOC_FILES)'

# -- generated pages: committed, so that they can be read without a build -----------------------------------------------------
PAGES := docs/config.md docs/man/takt.1 docs/man/takt.yaml.5
page_docs/config.md         := config-doc
page_docs/man/takt.1        := --man
page_docs/man/takt.yaml.5   := config-doc --man

docs: $(O)/takt
	$(Q)$(foreach p,$(PAGES),$(O)/takt $(page_$(p)) > $(p) &&) true
check-docs: $(O)/takt
	$(Q)$(foreach p,$(PAGES),$(O)/takt $(page_$(p)) | cmp -s - $(p) || { echo '$(p) is not what takt prints: make docs' >&2; exit 1; };)

HEADERS := $(wildcard base/*.h tsn/*.h ptp/*.h vnet/*.h probes/*.h bench/*.h)
check-headers: $(patsubst %.h,$(O)/%.h.ok,$(HEADERS))
$(patsubst %.h,$(O)/%.h.ok,$(RTE_HEADERS)): HDRFLAGS = $(DPDK_CFLAGS) -DALLOW_EXPERIMENTAL_API
$(O)/%.bpf.h.ok: %.bpf.h
	@mkdir -p $(@D)
	$(call say,HDR,$<)echo '#include "$<"' | clang $(filter-out -MMD -MP,$(BPF_CFLAGS)) -Wno-unused-function -fsyntax-only -x c - && touch $@
$(O)/%.h.ok: %.h
	@mkdir -p $(@D)
	$(call say,HDR,$<)echo '#include "$<"' | $(CC) $(CSTD) $(HDRFLAGS) $(WARN) -Wno-unused-function -I. -fsyntax-only -x c - && touch $@

-include $(shell find $(O) -name '*.d' 2>/dev/null)

clean:
	$(Q)rm -rf build takt taktd
