/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and source lines for addresses in this very program, in copies of it with their symbols elsewhere, and in lists of symbols. */
#include <afterglow/afterglow.h>
#include "symbols/container-roots-private.h"
#include "model/profile-private.h"
#include "symbols/elf-file-private.h"
#include "symbols/symbol-table-private.h"
#include "symbols/symbolise-private.h"

#include <glib/gstdio.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* Known by name, place and line. */
int known_function (int x);
enum { KNOWN_LINE = __LINE__ + 2 };
int
known_function (int x)
{
  return x * 7 + 3;
}

int other_function (int x);
int
other_function (int x)
{
  return x ^ 0x55;
}

typedef struct {
  const char *path;
  GlowModuleKind kind;
  const guint8 *build_id;
  guint build_id_length;
  guint64 address, offset;
  guint8 frame_kind;
} Place;

/* A profile of one sample a place, unnamed. */
static GlowProfile *
make_profile (const Place *places, guint n, const char *reference, guint64 reference_address)
{
  GlowProfileBuilder *builder = glow_profile_builder_new ();
  GlowEvent event = { .name = glow_strings_intern (builder->strings, "cpu-clock", -1) };
  GlowFrame unnamed = { .name = glow_strings_intern (builder->strings, "[unknown]", -1), .module = GLOW_NONE };
  GlowSampleArrays samples = { .n = n, .stack = calloc (n, sizeof (guint32)), .chain = calloc (n, sizeof (guint32)) };
  GlowStackArrays stacks = { 2, calloc (2, sizeof (guint32)), calloc (2, sizeof (guint32)) };
  GlowStackArrays chains = { n + 1, calloc (n + 1, sizeof (guint32)), calloc (n + 1, sizeof (guint32)) };
  GlowLocation *locations = calloc (n, sizeof (GlowLocation));

  g_array_append_val (builder->events, event);
  glow_profile_builder_frame (builder, &unnamed);
  if (reference != NULL)
    {
      builder->info.kernel_reference = g_string_chunk_insert (builder->chunk, reference);
      builder->info.kernel_reference_address = reference_address;
    }
  for (guint i = 0; i < n; i++)
    {
      GlowModule module = { .kind = places[i].kind, .build_id_length = places[i].build_id_length };

      module.path = glow_strings_intern (builder->strings, places[i].path, -1);
      module.name = glow_strings_intern (builder->strings, places[i].path, -1);
      if (module.build_id_length > 0)
        memcpy (module.build_id, places[i].build_id, module.build_id_length);
      g_array_append_val (builder->modules, module);
      locations[i] = (GlowLocation) { .address = places[i].address, .offset = places[i].offset, .module = i, .frame = 0,
                                      .symbol_offset = G_MAXUINT64, .kind = places[i].frame_kind };
      samples.stack[i] = 1;
      samples.chain[i] = i + 1;
      chains.item[i + 1] = i;
    }
  return glow_profile_builder_finish (builder, &samples, &stacks, &chains, locations, n, NULL, 0);
}

static const char *
name_of (GlowProfile *profile, guint sample)
{
  guint32 stack = glow_profile_get_samples (profile)->stack[sample];
  guint32 frame = glow_profile_get_stacks (profile)->item[stack];

  return glow_profile_get_string (profile, glow_profile_get_frames (profile, NULL)[frame].name);
}

static guint32
frame_of (GlowProfile *profile, guint sample)
{
  return glow_profile_get_stacks (profile)->item[glow_profile_get_samples (profile)->stack[sample]];
}

static int
first_object (struct dl_phdr_info *info, gsize size, gpointer base)
{
  *(guint64 *) base = info->dlpi_addr;
  return 1;
}

/* Where a function of this program lies in its file. */
static guint64
offset_of (gconstpointer function)
{
  g_autoptr(GArray) segments = NULL;
  guint64 base = 0, offset;
  int fd;
  Elf *elf = glow_elf_open ("/proc/self/exe", &fd);

  dl_iterate_phdr (first_object, &base);
  segments = glow_elf_dup_segments (elf);
  g_assert_true (glow_elf_to_offset (segments, (guint64) (gsize) function - base, &offset));
  elf_end (elf);
  close (fd);
  return offset;
}

static guint
own_build_id (guint8 build_id[20])
{
  int fd;
  Elf *elf = glow_elf_open ("/proc/self/exe", &fd);
  guint n = glow_elf_get_build_id (elf, build_id);

  elf_end (elf);
  close (fd);
  return n;
}

static char *
own_path (void)
{
  return g_file_read_link ("/proc/self/exe", NULL);
}

static void
run (const char *command, ...) G_GNUC_PRINTF (1, 2);
static void
run (const char *command, ...)
{
  g_autofree char *line = NULL;
  g_autoptr(GError) error = NULL;
  int status;
  va_list arguments;

  va_start (arguments, command);
  line = g_strdup_vprintf (command, arguments);
  va_end (arguments);
  g_assert_true (g_spawn_command_line_sync (line, NULL, NULL, &status, &error));
  g_assert_cmpint (status, ==, 0);
}

static GlowProfile *
named (const Place *places, guint n, const GlowLoadOptions *options)
{
  g_autoptr(GlowProfile) profile = make_profile (places, n, NULL, 0);
  g_autoptr(GError) error = NULL;
  GlowProfile *result = glow_profile_symbolise (profile, options, NULL, &error);

  g_assert_no_error (error);
  return result;
}

static void
assert_source (GlowProfile *profile, guint sample)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowSource) source = glow_source_find (profile, frame_of (profile, sample), NULL, NULL, &error);
  g_autofree char *base = NULL;

  g_assert_no_error (error);
  base = g_path_get_basename (source->file);
  g_assert_cmpstr (base, ==, "test-symbols.c");
  g_assert_true (g_path_is_absolute (source->file));
  g_assert_cmpuint (source->line, ==, KNOWN_LINE);
}

static void
test_own_program (void)
{
  g_autofree char *path = own_path ();
  guint8 build_id[20];
  guint n = own_build_id (build_id);
  const Place places[] = { { path, GLOW_MODULE_USER, build_id, n, 1, offset_of (known_function) + 2, GLOW_FRAME_USER } };
  g_autoptr(GlowProfile) profile = named (places, 1, NULL);

  g_assert_cmpuint (n, >, 0);
  g_assert_cmpstr (name_of (profile, 0), ==, "known_function");
  g_assert_cmpint (glow_profile_get_modules (profile, NULL)[0].symbols, ==, GLOW_SYMBOLS_FULL);
  assert_source (profile, 0);
}

static void
test_other_build (void)
{
  g_autofree char *path = own_path ();
  const guint8 build_id[20] = { 1, 2, 3 };
  const Place places[] = { { path, GLOW_MODULE_USER, build_id, 20, 1, offset_of (known_function), GLOW_FRAME_USER } };
  g_autoptr(GlowProfile) profile = named (places, 1, NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *expected = g_strdup_printf ("[%s]", path);

  g_assert_cmpstr (name_of (profile, 0), ==, expected);
  g_assert_cmpint (glow_profile_get_modules (profile, NULL)[0].symbols, ==, GLOW_SYMBOLS_BUILD_ID_MISMATCH);
  g_assert_null (glow_source_find (profile, frame_of (profile, 0), NULL, NULL, &error));
  g_assert_error (error, GLOW_ERROR, GLOW_ERROR_UNSUPPORTED);
}

/* Symbols and DWARF in a file of their own: found by .gnu_debuglink beside the program, and by build-id in a folder. */
static void
test_split_debug (void)
{
  g_autofree char *path = own_path (), *folder = g_dir_make_tmp ("afterglow-XXXXXX", NULL);
  g_autofree char *copy = g_build_filename (folder, "prog", NULL), *debug = g_build_filename (folder, "prog.debug", NULL);
  g_autofree char *store = NULL, *moved = NULL, *below = NULL;
  guint8 build_id[20];
  guint n = own_build_id (build_id);
  const Place places[] = { { copy, GLOW_MODULE_USER, build_id, n, 1, offset_of (known_function) + 1, GLOW_FRAME_USER } };
  const char *dirs[] = { folder, NULL };
  const GlowLoadOptions options = { .debug_dirs = dirs };

  run ("objcopy --only-keep-debug %s %s", path, debug);
  run ("objcopy --strip-all --add-gnu-debuglink=%s %s %s", debug, path, copy);
  {
    g_autoptr(GlowProfile) profile = named (places, 1, NULL);

    g_assert_cmpstr (name_of (profile, 0), ==, "known_function");
    assert_source (profile, 0);
  }
  store = g_strdup_printf ("%s/.build-id", folder);
  below = g_strdup_printf ("%s/%02x", store, build_id[0]);
  g_mkdir_with_parents (below, 0755);
  {
    GString *name = g_string_new (below);

    g_string_append_c (name, '/');
    for (guint i = 1; i < n; i++)
      g_string_append_printf (name, "%02x", build_id[i]);
    g_string_append (name, ".debug");
    moved = g_string_free (name, FALSE);
  }
  g_assert_cmpint (g_rename (debug, moved), ==, 0);
  {
    g_autoptr(GlowProfile) profile = named (places, 1, &options);
    g_autoptr(GlowSource) source = glow_source_find (profile, frame_of (profile, 0), &(const GlowLoadOptions) { .debug_dirs = dirs }, NULL, NULL);

    g_assert_cmpstr (name_of (profile, 0), ==, "known_function");
    g_assert_nonnull (source);
    g_assert_cmpuint (source->line, ==, KNOWN_LINE);
  }
  run ("rm -r %s", folder);
}

/* MiniDebugInfo: the symbols in a compressed section. */
static void
test_mini_debug (void)
{
  g_autofree char *path = own_path (), *folder = g_dir_make_tmp ("afterglow-XXXXXX", NULL);
  g_autofree char *copy = g_build_filename (folder, "prog", NULL), *mini = g_build_filename (folder, "mini", NULL);
  guint8 build_id[20];
  guint n = own_build_id (build_id);
  const Place places[] = { { copy, GLOW_MODULE_USER, build_id, n, 1, offset_of (known_function) + 1, GLOW_FRAME_USER } };
  g_autoptr(GlowProfile) profile = NULL;
  g_autoptr(GError) error = NULL;

  run ("objcopy --strip-debug --remove-section=.rodata %s %s", path, mini);
  run ("xz %s", mini);
  run ("objcopy --strip-all --add-section .gnu_debugdata=%s.xz %s %s", mini, path, copy);
  profile = named (places, 1, NULL);
  g_assert_cmpstr (name_of (profile, 0), ==, "known_function");
  g_assert_null (glow_source_find (profile, frame_of (profile, 0), NULL, NULL, &error));
  g_assert_error (error, GLOW_ERROR, GLOW_ERROR_FAILED);
  run ("rm -r %s", folder);
}

/* Any ELF file does for a kernel image: its symbols are moved to where the recording says one of them stood. */
static void
test_vmlinux (void)
{
  g_autofree char *path = own_path ();
  const guint64 base = G_GUINT64_CONSTANT (0xffffffff81000000);
  const guint64 apart = (guint64) ((gsize) other_function - (gsize) known_function);
  const Place places[] = {
    { "[kernel.kallsyms]", GLOW_MODULE_KERNEL, NULL, 0, base + 1, base + 1, GLOW_FRAME_KERNEL },
    { "[kernel.kallsyms]", GLOW_MODULE_KERNEL, NULL, 0, base + apart + 2, base + apart + 2, GLOW_FRAME_KERNEL },
  };
  const GlowLoadOptions options = { .vmlinux = path };
  g_autoptr(GlowProfile) profile = make_profile (places, 2, "known_function", base);
  g_autoptr(GlowProfile) result = glow_profile_symbolise (profile, &options, NULL, NULL);

  g_assert_cmpstr (name_of (result, 0), ==, "known_function");
  g_assert_cmpstr (name_of (result, 1), ==, "other_function");
}

/* The vdso of the kernel that runs is in this process. */
static void
test_vdso (void)
{
  gulong address = getauxval (AT_SYSINFO_EHDR);
  g_autoptr(GlowSymbolTable) table = glow_symbol_table_new ();
  const Elf64_Ehdr *header = (const Elf64_Ehdr *) address;
  guint8 build_id[20];
  guint n;
  Elf *elf;

  if (address == 0)
    {
      g_test_skip ("this kernel maps no vdso");
      return;
    }
  g_assert_cmpint (glow_elf_read_vdso (table, NULL, 0), ==, GLOW_ELF_OK);
  g_assert_cmpuint (table->symbols->len, >, 0);
  elf = elf_memory ((char *) address, header->e_shoff + (gsize) header->e_shnum * header->e_shentsize);
  n = glow_elf_get_build_id (elf, build_id);
  elf_end (elf);
  {
    const GlowSymbol *symbol = &g_array_index (table->symbols, GlowSymbol, 0);
    const Place places[] = { { "[vdso]", GLOW_MODULE_VDSO, build_id, n, address + symbol->start, symbol->start, GLOW_FRAME_USER } };
    g_autoptr(GlowProfile) profile = named (places, 1, NULL);

    g_assert_cmpstr (name_of (profile, 0), ==, symbol->name);
  }
  build_id[0] ^= 0xff;
  {
    g_autoptr(GlowSymbolTable) none = glow_symbol_table_new ();

    g_assert_cmpint (glow_elf_read_vdso (none, build_id, n), ==, GLOW_ELF_MISMATCH);
  }
}

static char *
write_text (const char *text)
{
  char *path = NULL;
  int fd = g_file_open_tmp ("afterglow-XXXXXX", &path, NULL);

  close (fd);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static const char *
find_name (const GlowSymbolTable *table, guint64 offset)
{
  const GlowSymbol *symbol = glow_symbol_table_find (table, offset);

  return symbol != NULL ? symbol->name : NULL;
}

static void
test_kallsyms (void)
{
  g_autofree char *path = write_text ("ffffffff81000000 T _text\nffffffff81000100 t helper\nffffffff81000100 T exported\n"
                                      "ffffffff81000200 D data\nnonsense\n\nffffffffc0000000 t probe\t[snd]\nffffffffc0000040 t last\t[snd]");
  g_autofree char *hidden = write_text ("0000000000000000 T _text\n0000000000000000 t helper\n");
  g_autoptr(GlowSymbolTable) table = glow_symbol_table_new (), none = glow_symbol_table_new ();
  gboolean restricted;

  g_assert_true (glow_kallsyms_read (table, path, &restricted));
  g_assert_false (restricted);
  g_assert_cmpstr (find_name (table, G_GUINT64_CONSTANT (0xffffffff81000050)), ==, "_text");
  g_assert_cmpstr (find_name (table, G_GUINT64_CONSTANT (0xffffffff81000150)), ==, "exported");
  g_assert_cmpstr (find_name (table, G_GUINT64_CONSTANT (0xffffffffc0000020)), ==, "probe");
  g_assert_cmpstr (find_name (table, G_GUINT64_CONSTANT (0xffffffffc0000040)), ==, "last");
  g_assert_null (find_name (table, 0x1000));
  g_assert_false (glow_kallsyms_read (none, hidden, &restricted));
  g_assert_true (restricted);
  g_unlink (path);
  g_unlink (hidden);
}

static void
test_perf_map (void)
{
  g_autofree char *path = write_text ("7f0000 100 LazyCompile:~work app.js:3\n0x7f0200 0x40 with spaces, and 0x prefix\nbroken\n7f0300 20 last");
  g_autoptr(GlowSymbolTable) table = glow_symbol_table_new ();

  g_assert_true (glow_perf_map_read (table, path));
  g_assert_cmpstr (find_name (table, 0x7f00ff), ==, "LazyCompile:~work app.js:3");
  g_assert_null (find_name (table, 0x7f0100));
  g_assert_cmpstr (find_name (table, 0x7f0210), ==, "with spaces, and 0x prefix");
  g_assert_cmpstr (find_name (table, 0x7f0300), ==, "last");
  g_unlink (path);
}

static void
test_demangle (void)
{
  static const struct { const char *mangled, *plain; } names[] = {
    { "_ZN3foo3barEi", "foo::bar" },
    { "_ZNSt6vectorIiSaIiEE9push_backEOi", "std::vector<int, std::allocator<int> >::push_back" },
    { "_ZN4core3fmt9Formatter9write_str17h0123456789abcdefE", "core::fmt::Formatter::write_str" },
    { "_RNvCskwGfYPst2Cb_3foo16example_function", "foo::example_function" },
    { "_D3std5stdio7writelnFZv", "std.stdio.writeln()" },
    { "Ljava/lang/StringLatin1;equals([B[BIJ)Z", "java.lang.StringLatin1.equals(byte[], byte[], int, long)" },
    { "Lcom/foo/Bar;run()V", "com.foo.Bar.run()" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *plain = glow_demangle (names[i].mangled);

      g_assert_cmpstr (plain, ==, names[i].plain);
    }
  g_assert_null (glow_demangle ("main"));
  g_assert_null (glow_demangle ("runtime.mallocgc"));
  g_assert_null (glow_demangle ("LazyCompile;no type (I"));
  g_assert_null (glow_demangle ("L;a()V"));
}

static void
write_empty (const char *folder, const char *path)
{
  g_autofree char *file = g_build_filename (folder, path, NULL), *parent = g_path_get_dirname (file);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "", 0, NULL));
}

/* The places of container tools, under a root of ours; nothing outside of them is looked at, and nothing that is not a file. */
static void
test_container_roots (void)
{
  static const char *const found[] = {
    "run/containerd/io.containerd.runtime.v2.task/k8s.io/abc/rootfs/usr/bin/app", "var/lib/docker/overlay2/def/merged/usr/bin/app",
    "var/lib/docker/overlay2/ghi/diff/usr/bin/app", "var/lib/containers/storage/overlay/jkl/merged/usr/bin/app", "var/lib/lxc/web/rootfs/usr/bin/app",
    "home/someone/.local/share/containers/storage/overlay/mno/diff/usr/bin/app",
    "var/lib/flatpak/runtime/org.platform/x86_64/22.08/active/files/bin/app",
  };
  static const char *const others[] = { "usr/bin/app", "var/lib/docker/overlay2/def/work/usr/bin/app", "var/lib/docker/overlay2/def/merged/usr/bin/other" };
  g_autofree char *root = g_dir_make_tmp ("afterglow-roots-XXXXXX", NULL), *quoted = g_shell_quote (root), *remove = g_strdup_printf ("rm -rf %s", quoted);
  g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func (g_free), none = g_ptr_array_new_with_free_func (g_free);
  GlowModule module = { .kind = GLOW_MODULE_USER, .root_pid = 4242 };
  gboolean looked = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (found); i++)
    write_empty (root, found[i]);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    write_empty (root, others[i]);
  glow_container_add_stored (places, root, "/usr/bin/app");
  g_assert_cmpuint (places->len, ==, G_N_ELEMENTS (found));
  for (guint i = 0; i < G_N_ELEMENTS (found); i++)
    {
      g_autofree char *place = g_build_filename (root, found[i], NULL);

      g_assert_true (g_ptr_array_find_with_equal_func (places, place, g_str_equal, NULL));
    }
  glow_container_add_stored (none, root, "/usr/../../../../usr/bin/app");
  glow_container_add_stored (none, root, "[vdso]");
  g_assert_cmpuint (none->len, ==, 0);
  /* Without a build-id, a process's own file is the only one; with one, it is one among others. */
  g_ptr_array_add (none, g_strdup ("/usr/bin/app"));
  glow_container_add_root (none, &module, "/usr/bin/app");
  g_assert_cmpuint (none->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (none, 0), ==, "/proc/4242/root/usr/bin/app");
  g_ptr_array_set_size (none, 0);
  g_ptr_array_add (none, g_strdup ("/usr/bin/app"));
  module.build_id_length = 20;
  glow_container_add_root (none, &module, "/usr/bin/app");
  g_assert_cmpstr (g_ptr_array_index (none, 0), ==, "/usr/bin/app");
  g_assert_cmpstr (g_ptr_array_index (none, 1), ==, "/proc/4242/root/usr/bin/app");
  /* What container tools keep is looked through once, and only where a build-id tells one file from another. */
  g_assert_false (glow_container_add_more (none, &looked, &module, "/nowhere/at/all"));
  g_assert_true (looked);
  module.build_id_length = 0;
  looked = FALSE;
  g_assert_false (glow_container_add_more (none, &looked, &module, "/nowhere/at/all"));
  g_assert_false (looked);
  g_assert_true (g_spawn_command_line_sync (remove, NULL, NULL, NULL, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/symbols/own-program", test_own_program);
  g_test_add_func ("/symbols/other-build", test_other_build);
  g_test_add_func ("/symbols/split-debug", test_split_debug);
  g_test_add_func ("/symbols/mini-debug", test_mini_debug);
  g_test_add_func ("/symbols/vmlinux", test_vmlinux);
  g_test_add_func ("/symbols/vdso", test_vdso);
  g_test_add_func ("/symbols/kallsyms", test_kallsyms);
  g_test_add_func ("/symbols/perf-map", test_perf_map);
  g_test_add_func ("/symbols/demangle", test_demangle);
  g_test_add_func ("/symbols/container-roots", test_container_roots);
  return g_test_run ();
}
