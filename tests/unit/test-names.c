/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names as language runtimes write them, taken apart; and the rules that tell what functions are there for. */
#include <afterglow/afterglow.h>

#include "model/roles-private.h"

#include <string.h>

typedef struct {
  const char *raw;
  GlowFrameKind kind;
  const char *name, *file;
  guint line;
  const char *language, *tier;
} NameCase;

static const NameCase names[] = {
  /* V8 */
  { "JS:*leafHot /srv/hot.js:1:17", GLOW_FRAME_JIT, "leafHot (hot.js:1, optimised)", "/srv/hot.js", 1, "JavaScript", "optimised" },
  { "LazyCompile:~Module._load node:internal/modules/cjs/loader:1003:24", GLOW_FRAME_JIT, "Module._load (loader:1003, interpreted)",
    "node:internal/modules/cjs/loader", 1003, "JavaScript", "interpreted" },
  { "JS:^ /srv/my app/hot.js:7:1", GLOW_FRAME_JIT, "(anonymous) (hot.js:7, baseline)", "/srv/my app/hot.js", 7, "JavaScript", "baseline" },
  { "JS:+get size file:///srv/a.mjs:3:2", GLOW_FRAME_JIT, "get size (a.mjs:3, optimised midway)", "/srv/a.mjs", 3, "JavaScript", "optimised midway" },
  { "Function:fib", GLOW_FRAME_JIT, "fib", NULL, 0, "JavaScript", NULL },
  { "JS:*wasm-function[12]", GLOW_FRAME_JIT, "wasm-function[12]", NULL, 0, "WebAssembly", "optimised" },
  { "JS:wasm-function[0]-0-turbofan", GLOW_FRAME_JIT, "wasm-function[0] (optimised)", NULL, 0, "WebAssembly", "optimised" },
  { "Function:fib-iter-12-liftoff", GLOW_FRAME_JIT, "fib-iter (baseline)", NULL, 0, "WebAssembly", "baseline" },
  { "RegExp:[a-z]+", GLOW_FRAME_JIT, NULL, NULL, 0, "JavaScript", NULL },
  { "Builtin:ArrayPush", GLOW_FRAME_RUNTIME, NULL, NULL, 0, NULL, NULL },
  /* Python, PyPy */
  { "py::Widget.spin:/srv/app/hot.py", GLOW_FRAME_JIT, "py::Widget.spin (hot.py)", "/srv/app/hot.py", 0, "Python", NULL },
  { "py::<module>:<frozen importlib._bootstrap>", GLOW_FRAME_JIT, "py::<module> (<frozen importlib._bootstrap>)", "<frozen importlib._bootstrap>", 0,
    "Python", NULL },
  { "py:fib:12:/srv/fib.py", GLOW_FRAME_JIT, "py::fib (fib.py:12)", "/srv/fib.py", 12, "Python", NULL },
  { "py::nothing", GLOW_FRAME_JIT, NULL, NULL, 0, NULL, NULL },
  { "py:", GLOW_FRAME_USER, NULL, NULL, 0, NULL, NULL },
  /* Java */
  { "Lcom/foo/Bar;::baz", GLOW_FRAME_JIT, "com.foo.Bar.baz", NULL, 0, "Java", NULL },
  { "Lcom/foo/Bar;baz(I)V", GLOW_FRAME_JIT, "com.foo.Bar.baz(I)V", NULL, 0, "Java", NULL },
  { "long com.foo.Bar.baz(int, java.lang.String[])", GLOW_FRAME_JIT, "com.foo.Bar.baz(int, java.lang.String[])", NULL, 0, "Java", NULL },
  { "void com.foo.Bar.<init>()", GLOW_FRAME_JIT, "com.foo.Bar.<init>()", NULL, 0, "Java", NULL },
  { "java.lang.Object[] com.foo.Bar.all()", GLOW_FRAME_JIT, "com.foo.Bar.all()", NULL, 0, "Java", NULL },
  { "com/foo/Bar.baz", GLOW_FRAME_JIT, "com.foo.Bar.baz", NULL, 0, "Java", NULL },
  { "Interpreter", GLOW_FRAME_RUNTIME, NULL, NULL, 0, NULL, NULL },
  { "StubRoutines (1)", GLOW_FRAME_RUNTIME, NULL, NULL, 0, NULL, NULL },
  { "jit_first", GLOW_FRAME_JIT, NULL, NULL, 0, NULL, NULL },
  /* .NET */
  { "void [App] Program::Main(string[])[Tier0]", GLOW_FRAME_JIT, "Program.Main(string[]) (App, not optimised)", NULL, 0, ".NET", "not optimised" },
  { "instance int32 [System.Private.CoreLib] System.String::get_Length()[PreJIT]", GLOW_FRAME_JIT,
    "System.String.get_Length() (System.Private.CoreLib, compiled beforehand)", NULL, 0, ".NET", "compiled beforehand" },
  { "void [App] Program::Hot(int32[])[OptimizedTier1]", GLOW_FRAME_JIT, "Program.Hot(int32[]) (App, optimised)", NULL, 0, ".NET", "optimised" },
  /* WebAssembly */
  { "wasm[0]::function[12]", GLOW_FRAME_JIT, NULL, NULL, 0, "WebAssembly", NULL },
  /* Rust, C++, Go: from the symbol table, and from folded text that a C++ demangler had in its hands */
  { "_ZN4core3fmt9Formatter9write_str17h0123456789abcdefE", GLOW_FRAME_USER, NULL, NULL, 0, "Rust", NULL },
  { "_RNvCskwGfYPst2Cb_3foo16example_function", GLOW_FRAME_USER, NULL, NULL, 0, "Rust", NULL },
  { "core::fmt::write::h0123456789abcdef", GLOW_FRAME_USER, "core::fmt::write", NULL, 0, "Rust", NULL },
  { "_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..ops..Drop$GT$::drop::h0123456789abcdef", GLOW_FRAME_USER,
    "<alloc::vec::Vec<T> as core::ops::Drop>::drop", NULL, 0, "Rust", NULL },
  { "core::fmt::h0123", GLOW_FRAME_USER, NULL, NULL, 0, NULL, NULL },
  { "_ZN3foo3barEi", GLOW_FRAME_USER, NULL, NULL, 0, "C++", NULL },
  { "gopkg%2ein/yaml%2ev2.Unmarshal", GLOW_FRAME_USER, "gopkg.in/yaml.v2.Unmarshal", NULL, 0, "Go", NULL },
  { "runtime\xc2\xb7park", GLOW_FRAME_USER, "runtime.park", NULL, 0, "Go", NULL },
  { "main.(*T).Method-fm", GLOW_FRAME_USER, NULL, NULL, 0, NULL, NULL },
  { "github.com/acme/store.Insert", GLOW_FRAME_USER, NULL, NULL, 0, NULL, NULL },
  /* What is not a compiler's is left alone. */
  { "JS:*leafHot /srv/hot.js:1:17", GLOW_FRAME_KERNEL, NULL, NULL, 0, NULL, NULL },
  { "", GLOW_FRAME_JIT, NULL, NULL, 0, NULL, NULL },
  { "L", GLOW_FRAME_JIT, NULL, NULL, 0, NULL, NULL },
  { "JS:", GLOW_FRAME_JIT, "(anonymous)", NULL, 0, "JavaScript", NULL },
  { "[", GLOW_FRAME_JIT, NULL, NULL, 0, NULL, NULL },
  { "a [b] ::[", GLOW_FRAME_JIT, NULL, NULL, 0, NULL, NULL },
};

static void
test_parts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_auto(GlowNameParts) parts = { NULL };

      g_test_message ("%s", names[i].raw);
      glow_name_parts_read (names[i].raw, names[i].kind, &parts);
      g_assert_cmpstr (parts.name, ==, names[i].name);
      g_assert_cmpstr (parts.file, ==, names[i].file);
      g_assert_cmpuint (parts.line, ==, names[i].line);
      g_assert_cmpstr (parts.language, ==, names[i].language);
      g_assert_cmpstr (parts.tier, ==, names[i].tier);
    }
}

static void
test_written (void)
{
  static const struct { const char *name, *written; } cases[] = {
    { "work.isra.0", "work" }, { "work.constprop.0.cold", "work" }, { "ns::work [clone .part.3]", "ns::work" }, { "memcpy@@GLIBC_2.14", "memcpy" },
    { "malloc@plt", "malloc" }, { "work.llvm.12345", "work" }, { "com.foo.coldStart", "com.foo.coldStart" }, { "~f /srv/@scope/a.js", "~f /srv/@scope/a.js" },
    { ".cold", ".cold" }, { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *written = g_strndup (cases[i].name, glow_name_length_written (cases[i].name));

      g_assert_cmpstr (written, ==, cases[i].written);
    }
}

static void
test_roles (void)
{
  static const struct { const char *name, *module; GlowFrameKind kind; GlowRole role; } cases[] = {
    { "_PyEval_EvalFrameDefault", "libpython3.12.so.1.0", GLOW_FRAME_USER, GLOW_ROLE_INTERPRETER },
    { "_PyEval_EvalFrameDefault.cold", "python3.11", GLOW_FRAME_USER, GLOW_ROLE_INTERPRETER },
    { "gc_collect_main", "python3.11", GLOW_FRAME_USER, GLOW_ROLE_GC },
    { "gc_collect_main", "my_program", GLOW_FRAME_USER, GLOW_ROLE_NONE },
    { "Interpreter", "perf-12.map", GLOW_FRAME_JIT, GLOW_ROLE_INTERPRETER },
    { "Interpreter", "my_program", GLOW_FRAME_USER, GLOW_ROLE_NONE },
    { "G1ParTask::work", "libjvm.so", GLOW_FRAME_USER, GLOW_ROLE_GC },
    { "PhaseChaitin::Register_Allocate", "libjvm.so", GLOW_FRAME_USER, GLOW_ROLE_COMPILER },
    { "ZMark::work", "libjvm.so", GLOW_FRAME_USER, GLOW_ROLE_GC },
    { "os::javaTimeNanos", "libjvm.so", GLOW_FRAME_USER, GLOW_ROLE_SUPPORT },
    { "java.util.concurrent.locks.ReentrantLock.lock()", "perf-12.map", GLOW_FRAME_JIT, GLOW_ROLE_LOCK },
    { "v8::internal::MarkCompactCollector::MarkLiveObjects", "node", GLOW_FRAME_USER, GLOW_ROLE_GC },
    { "v8::internal::compiler::PipelineImpl::OptimizeGraph", "node", GLOW_FRAME_USER, GLOW_ROLE_COMPILER },
    { "Builtins_LdaNamedPropertyHandler", "node", GLOW_FRAME_USER, GLOW_ROLE_INTERPRETER },
    { "Builtins_ArrayPush", "node", GLOW_FRAME_USER, GLOW_ROLE_SUPPORT },
    { "JS:*leafHot /srv/hot.js:1:17", "perf-12.map", GLOW_FRAME_JIT, GLOW_ROLE_NONE },
    { "WKS::gc_heap::mark_object_simple", "libclrgc.so", GLOW_FRAME_USER, GLOW_ROLE_GC },
    { "anything", "libclrjit.so", GLOW_FRAME_USER, GLOW_ROLE_COMPILER },
    { "runtime.scanobject", "server", GLOW_FRAME_USER, GLOW_ROLE_GC },
    { "runtime.mallocgc", "server", GLOW_FRAME_USER, GLOW_ROLE_ALLOCATOR },
    { "runtime.schedule", "server", GLOW_FRAME_USER, GLOW_ROLE_SUPPORT },
    { "sync.(*Mutex).lockSlow", "server", GLOW_FRAME_USER, GLOW_ROLE_LOCK },
    { "main.(*Table).Insert", "server", GLOW_FRAME_USER, GLOW_ROLE_NONE },
    { "alloc::raw_vec::finish_grow", "app", GLOW_FRAME_USER, GLOW_ROLE_ALLOCATOR },
    { "malloc", "libc.so.6", GLOW_FRAME_USER, GLOW_ROLE_ALLOCATOR },
    { "malloc", "my_program", GLOW_FRAME_USER, GLOW_ROLE_NONE },
    { "malloc", NULL, GLOW_FRAME_USER, GLOW_ROLE_ALLOCATOR },
    { "operator new(unsigned long)", "libstdc++.so.6", GLOW_FRAME_USER, GLOW_ROLE_ALLOCATOR },
    { "__GI___libc_read", "libc.so.6", GLOW_FRAME_USER, GLOW_ROLE_SYSCALL },
    { "read", "libc.so.6", GLOW_FRAME_USER, GLOW_ROLE_SYSCALL },
    { "read", "my_program", GLOW_FRAME_USER, GLOW_ROLE_NONE },
    { "__x64_sys_read", "[kernel]", GLOW_FRAME_KERNEL, GLOW_ROLE_SYSCALL },
    { "_raw_spin_lock_irqsave", "[kernel]", GLOW_FRAME_KERNEL, GLOW_ROLE_LOCK },
    { "kmem_cache_alloc", "[kernel]", GLOW_FRAME_KERNEL, GLOW_ROLE_ALLOCATOR },
    { "malloc", "[kernel]", GLOW_FRAME_KERNEL, GLOW_ROLE_NONE },
    { "free", "[xfs]", GLOW_FRAME_KERNEL, GLOW_ROLE_NONE },
    { "luaV_execute", "nginx", GLOW_FRAME_USER, GLOW_ROLE_INTERPRETER },
    { "\xff\xfe", "libjvm.so", GLOW_FRAME_USER, GLOW_ROLE_SUPPORT },
    { "", "libjvm.so", GLOW_FRAME_USER, GLOW_ROLE_NONE },
  };
  g_autoptr(GlowWarnings) warnings = glow_warnings_new ();
  g_autoptr(GlowRoles) roles = glow_roles_new (NULL, NULL, warnings);
  g_autoptr(GlowRoles) own = NULL;

  g_assert_cmpuint (glow_warnings_get_n (warnings), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].name);
      g_assert_cmpstr (glow_role_get_id (glow_roles_find (roles, cases[i].name, cases[i].module, cases[i].kind)), ==, glow_role_get_id (cases[i].role));
    }
  own = glow_roles_new ("gc  a|b  /^x+$/\nlock\nwrong a b\ngc a /(/\n", "mine", warnings);
  g_assert_cmpint (glow_roles_find (own, "xxx", "b", GLOW_FRAME_USER), ==, GLOW_ROLE_GC);
  g_assert_cmpint (glow_roles_find (own, "xxy", "b", GLOW_FRAME_USER), ==, GLOW_ROLE_NONE);
  g_assert_cmpuint (glow_warnings_get_n (warnings), ==, 3);
}

/* Once a distinct frame: a hundred thousand names of C++ take a fraction of what reading their symbols does. The bar is a slow machine's, under a sanitizer. */
static void
test_cost (void)
{
  g_autoptr(GlowWarnings) warnings = glow_warnings_new ();
  g_autoptr(GlowRoles) roles = glow_roles_new (NULL, NULL, warnings);
  g_autoptr(GTimer) timer = g_timer_new ();
  guint found = 0;

  for (guint i = 0; i < 100000; i++)
    {
      char name[128];

      g_snprintf (name, sizeof name, "%s::some_namespace::Class%u<std::vector<int> >::method%u", i % 3 == 0 ? "std" : i % 3 == 1 ? "v8::internal" : "app", i, i);
      found += glow_roles_find (roles, name, i % 2 ? "libapp.so" : "node", GLOW_FRAME_USER) != GLOW_ROLE_NONE;
    }
  g_test_message ("100 000 names in %.3f s", g_timer_elapsed (timer, NULL));
  g_assert_cmpuint (found, ==, 0);
  g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/names/parts", test_parts);
  g_test_add_func ("/names/written", test_written);
  g_test_add_func ("/names/roles", test_roles);
  g_test_add_func ("/names/cost", test_cost);
  return g_test_run ();
}
