/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A self-contained recording: a tar archive in zstd, so that `tar --zstd -xf` unpacks it into files that open as well. Its members:
 *
 *   afterglow-pack.txt                              first: "Afterglow pack 1", then "recording: NAME"
 *   NAME                                            the recording, byte by byte as it was
 *   NAME.kallsyms                                   the functions of its kernel
 *   NAME.symbols/.build-id/ab/cdef…/elf, debug      a module's file and its split debug information (or just their tables), by build-id
 *   NAME.symbols/.build-id/ab/cdef…/vdso, vmlinux   the kernel's page of functions in every process; an image of the kernel
 *   NAME.symbols/root/PATH/elf, debug               the same for modules of which the recording has no build-id
 *   NAME.maps/jit-PID.dump, perf-PID.map            what just-in-time compilers wrote
 *
 * These are the places where files of NAME are looked for anyway (symbols/module-files.c). */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define GLOW_PACK_MANIFEST "afterglow-pack.txt"
#define GLOW_PACK_TITLE "Afterglow pack "
#define GLOW_PACK_VERSION 1
#define GLOW_PACK_RECORDING "recording: "

G_END_DECLS
