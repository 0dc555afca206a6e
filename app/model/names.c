/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names as just-in-time compilers and mangling schemes write them, made readable. Names in a profile stay as the recording has them, for scripts and other
 * tools; this is what people see instead, and where language, tier and source come from that stand in a name. */
#include <config.h>

#include <afterglow/names.h>
#include <glib/gi18n-lib.h>

#include <string.h>

void
glow_name_parts_clear (GlowNameParts *parts)
{
  g_free (parts->name);
  g_free (parts->file);
  memset (parts, 0, sizeof *parts);
}

/* Whether an ending may stand before @next: ".cold" is none of ".coldstart". */
static gboolean
ends_here (const char *ending, const char *name, const char *at)
{
  const char *next = at + strlen (ending);

  if (strcmp (ending, ".cold") == 0)
    return *next == '\0' || *next == '.' || *next == ' ';
  if (strcmp (ending, "@") == 0)
    return (*next == '@' || g_ascii_isupper (*next) || strcmp (next, "plt") == 0) && memchr (name, '/', at - name) == NULL
           && memchr (name, ' ', at - name) == NULL;
  return TRUE;
}

gsize
glow_name_length_written (const char *name)
{
  static const char *const endings[] = { ".isra.", ".part.", ".constprop.", ".llvm.", ".cold", ".lto_priv.", " [clone ", "@" };
  gsize n = strlen (name);

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      const char *at = strstr (name, endings[i]);

      if (at != NULL && at > name && ends_here (endings[i], name, at))
        n = MIN (n, (gsize) (at - name));
    }
  return n;
}

static const char *
base_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* "file", "file:line" or "file:line:column". */
static void
take_place (GlowNameParts *parts, const char *place)
{
  const char *end = place + strlen (place), *colon[2] = { NULL, NULL };
  guint n = 0;

  while (n < 2)
    {
      const char *at = end;

      while (at > place && g_ascii_isdigit (at[-1]))
        at--;
      if (at == end || at <= place + 1 || at[-1] != ':')
        break;
      colon[n++] = at - 1;
      end = at - 1;
    }
  parts->file = g_strndup (place, end - place);
  if (n > 0)
    parts->line = g_ascii_strtoull (colon[n - 1] + 1, NULL, 10);
  if (g_str_has_prefix (parts->file, "file:///"))
    memmove (parts->file, parts->file + strlen ("file://"), strlen (parts->file) - strlen ("file://") + 1);
}

/* "fib-3-turbofan", as V8 writes functions of WebAssembly: name, index, compiler. */
static gboolean
read_v8_wasm (const char *function, GlowNameParts *parts)
{
  gsize n = strlen (function);
  gboolean optimised = g_str_has_suffix (function, "-turbofan"), baseline = g_str_has_suffix (function, "-liftoff");

  if (!optimised && !baseline)
    return FALSE;
  n -= optimised ? strlen ("-turbofan") : strlen ("-liftoff");
  while (n > 0 && g_ascii_isdigit (function[n - 1]))
    n--;
  if (n < 2 || function[n - 1] != '-')
    return FALSE;
  parts->language = "WebAssembly";
  parts->tier = optimised ? _("optimised") : _("baseline");
  parts->name = g_strdup_printf ("%.*s (%s)", (int) n - 1, function, parts->tier);
  return TRUE;
}

/* "JS:*fib /srv/app.js:3:12", "LazyCompile:~fib file:///srv/app.js:3", "Function:^…".
 *
 * Source: CodeTag and kMarker… of src/logging/log.cc and src/objects/code-kind.cc of V8. */
static gboolean
read_v8 (const char *name, GlowNameParts *parts)
{
  static const char *const tags[] = { "JS:", "LazyCompile:", "Function:", "Script:", "Eval:", "Callback:" };
  static const struct { char mark; const char *tier; } tiers[] = {
    { '*', N_("optimised") }, { '~', N_("interpreted") }, { '^', N_("baseline") }, { '+', N_("optimised midway") }, { 'o', NULL },
  };
  const char *at = NULL, *space;
  g_autofree char *function = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (tags) && at == NULL; i++)
    if (g_str_has_prefix (name, tags[i]))
      at = name + strlen (tags[i]);
  if (at == NULL)
    return FALSE;
  parts->language = "JavaScript";
  for (guint i = 0; i < G_N_ELEMENTS (tiers) && tiers[i].tier != NULL; i++)
    if (*at == tiers[i].mark)
      {
        parts->tier = _(tiers[i].tier);
        /* "*'" and the like mark what was entered in the middle of a loop. */
        at += at[1] == '\'' ? 2 : 1;
        break;
      }
  space = strrchr (at, ' ');
  /* A path with blanks: the place begins where a path or an address does. */
  for (const char *look = strchr (at, ' '); look != NULL; look = strchr (look + 1, ' '))
    if (look[1] == '/' || strncmp (look + 1, "node:", 5) == 0 || strncmp (look + 1, "file:", 5) == 0 || strncmp (look + 1, "http", 4) == 0)
      {
        space = look;
        break;
      }
  if (g_str_has_prefix (at, "wasm-function["))
    parts->language = "WebAssembly";
  if (space == NULL && read_v8_wasm (at, parts))
    return TRUE;
  function = space != NULL ? g_strndup (at, space - at) : g_strdup (at);
  if (space != NULL && space[1] != '\0')
    take_place (parts, space + 1);
  if (*function == '\0')
    {
      g_free (function);
      function = g_strdup (_("(anonymous)"));
    }
  parts->name = parts->file == NULL ? g_strdup (function)
                : parts->line > 0 ? g_strdup_printf ("%s (%s:%u)", function, base_name (parts->file), parts->line)
                                  : g_strdup_printf ("%s (%s)", function, base_name (parts->file));
  if (parts->tier != NULL && parts->name[strlen (parts->name) - 1] == ')' && parts->file != NULL)
    {
      char *whole = g_strdup_printf ("%.*s, %s)", (int) strlen (parts->name) - 1, parts->name, parts->tier);

      g_free (parts->name);
      parts->name = whole;
    }
  return TRUE;
}

/* "py::Class.method:/srv/app.py": the trampolines of Python 3.12 and later. Source: Python/perf_trampoline.c of CPython. And "py:name:12:/srv/app.py", as
 * vmprof writes it for PyPy. */
static gboolean
read_python (const char *name, GlowNameParts *parts)
{
  const char *at, *colon;

  if (g_str_has_prefix (name, "py::"))
    {
      at = name + strlen ("py::");
      colon = strchr (at, ':');
      if (colon == NULL || colon == at || colon[1] == '\0')
        return FALSE;
      parts->file = g_strdup (colon + 1);
    }
  else if (g_str_has_prefix (name, "py:"))
    {
      char *end;

      at = name + strlen ("py:");
      colon = strchr (at, ':');
      if (colon == NULL || colon == at || !g_ascii_isdigit (colon[1]))
        return FALSE;
      parts->line = g_ascii_strtoull (colon + 1, &end, 10);
      if (*end != ':' || end[1] == '\0')
        return FALSE;
      parts->file = g_strdup (end + 1);
    }
  else
    return FALSE;
  parts->language = "Python";
  parts->name = parts->line > 0 ? g_strdup_printf ("py::%.*s (%s:%u)", (int) (colon - at), at, base_name (parts->file), parts->line)
                                : g_strdup_printf ("py::%.*s (%s)", (int) (colon - at), at, base_name (parts->file));
  return TRUE;
}

static void
slashes_to_dots (GString *text, gsize from)
{
  for (gsize i = from; i < text->len; i++)
    if (text->str[i] == '/')
      text->str[i] = '.';
}

/* "Lcom/foo/Bar;::baz", as perf-map-agent and the JVMTI agent of perf write it; with what was inlined, "A->B". */
static gboolean
read_java_class (const char *name, GlowNameParts *parts)
{
  const char *end = strchr (name, ';'), *method;
  GString *text;

  if (*name != 'L' || end == NULL || end == name + 1 || memchr (name, ' ', end - name) != NULL)
    return FALSE;
  method = end + 1 + (end[1] == ':' && end[2] == ':' ? 2 : 0);
  if (*method == '\0' || (method == end + 1 && strchr (method, '(') == NULL))
    return FALSE;
  text = g_string_new_len (name + 1, end - name - 1);
  slashes_to_dots (text, 0);
  g_string_append_printf (text, ".%s", method);
  parts->name = g_string_free (text, FALSE);
  parts->language = "Java";
  return TRUE;
}

/* What stands in a Java name before its parameters: letters, digits and . $ _ < > - [ ], at least one dot. */
static const char *
java_method_end (const char *at)
{
  gboolean dot = FALSE;

  for (; *at != '\0' && *at != '('; at++)
    {
      dot |= *at == '.';
      if (!g_ascii_isalnum (*at) && strchr (".$_<>-/+", *at) == NULL && !((guchar) *at & 0x80))
        return NULL;
    }
  return dot ? at : NULL;
}

/* "long com.foo.Bar.baz(int)", as jcmd Compiler.perfmap of OpenJDK writes it, and "com/foo/Bar.baz" of async-profiler. */
static gboolean
read_java_method (const char *name, GlowNameParts *parts)
{
  const char *space = strchr (name, ' '), *bracket = strchr (name, '('), *method = name, *end;
  GString *text;

  if (space != NULL && (bracket == NULL || space < bracket))
    {
      gboolean type = space > name && bracket != NULL;

      for (const char *at = name; at < space && type; at++)
        type = g_ascii_isalnum (*at) || strchr (".$_[]", *at) != NULL;
      if (!type)
        return FALSE;
      method = space + 1;
    }
  end = java_method_end (method);
  if (end == NULL || (*end == '(' && name[strlen (name) - 1] != ')' && strchr (end, ')') == NULL) || (*end == '\0' && strchr (method, '/') == NULL))
    return FALSE;
  text = g_string_new_len (method, end - method);
  slashes_to_dots (text, 0);
  g_string_append (text, end);
  parts->language = "Java";
  parts->name = g_string_free (text, FALSE);
  return TRUE;
}

/* "void [App] Program::Main(string[])[Tier0]". Source: PerfMap::LogJITCompiledMethod of src/coreclr/vm/perfmap.cpp of .NET. */
static gboolean
read_dotnet (const char *name, GlowNameParts *parts)
{
  static const struct { const char *word, *tier; } tiers[] = {
    { "Tier0", N_("not optimised") }, { "QuickJitted", N_("not optimised") }, { "MinOptJitted", N_("not optimised") }, { "Instrumented", N_("not optimised") },
    { "Tier0 Instrumented", N_("not optimised") }, { "OptimizedTier1", N_("optimised") }, { "Optimized", N_("optimised") },
    { "OptimizedTier1OSR", N_("optimised") }, { "PreJIT", N_("compiled beforehand") }, { "ReadyToRun", N_("compiled beforehand") },
  };
  gsize n = strlen (name);
  const char *open = n > 2 && name[n - 1] == ']' ? strrchr (name, '[') : NULL, *module, *module_end, *type, *join;
  GString *text;

  for (module = strchr (name, '['); module != NULL && module > name && module[-1] != ' '; module = strchr (module + 1, '['))
    ;
  module_end = module != NULL ? strchr (module, ']') : NULL;
  if (module_end == NULL || module_end[1] != ' ' || module == open)
    return FALSE;
  type = module_end + 2;
  join = strstr (type, "::");
  if (join == NULL || join == type)
    return FALSE;
  text = g_string_new_len (type, join - type);
  g_string_append_c (text, '.');
  g_string_append_len (text, join + 2, (open != NULL && open > join ? open : name + n) - join - 2);
  g_string_append_printf (text, " (%.*s", (int) (module_end - module - 1), module + 1);
  for (guint i = 0; open != NULL && i < G_N_ELEMENTS (tiers); i++)
    if (strlen (tiers[i].word) == (gsize) (name + n - 1 - open - 1) && strncmp (open + 1, tiers[i].word, strlen (tiers[i].word)) == 0)
      {
        parts->tier = _(tiers[i].tier);
        g_string_append_printf (text, ", %s", parts->tier);
      }
  g_string_append_c (text, ')');
  parts->language = ".NET";
  parts->name = g_string_free (text, FALSE);
  return TRUE;
}

/* "…::h0123456789abcdef", the end of names of Rust's older mangling; where a C++ demangler left them half done, "$LT$" and the like. */
static gboolean
read_rust (const char *name, GlowNameParts *parts)
{
  static const struct { const char *code, *text; } codes[] = {
    { "$LT$", "<" }, { "$GT$", ">" }, { "$RF$", "&" }, { "$BP$", "*" }, { "$LP$", "(" }, { "$RP$", ")" }, { "$C$", "," }, { "$u20$", " " },
    { "$u27$", "'" }, { "$u5b$", "[" }, { "$u5d$", "]" }, { "$u7b$", "{" }, { "$u7d$", "}" }, { "$u7e$", "~" }, { "$u3b$", ";" }, { "$u2b$", "+" }, { "..", "::" },
  };
  gsize n = strlen (name);
  gboolean hash = n > 19 && strncmp (name + n - 19, "::h", 3) == 0 && strspn (name + n - 16, "0123456789abcdef") == 16;
  GString *text;

  if (!hash)
    return FALSE;
  parts->language = "Rust";
  text = g_string_new_len (name, n - 19);
  if (strchr (text->str, '$') != NULL)
    {
      if (g_str_has_prefix (text->str, "_$"))
        g_string_erase (text, 0, 1);
      for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
        g_string_replace (text, codes[i].code, codes[i].text, 0);
    }
  parts->name = g_string_free (text, FALSE);
  return TRUE;
}

/* "github.com/foo/gopkg%2ein/yaml.Unmarshal", "runtime·park": what Go's linker cannot write plainly. */
static gboolean
read_go (const char *name, GlowNameParts *parts)
{
  gboolean dots = strstr (name, "\xc2\xb7") != NULL;
  GString *text;

  if (!dots && strstr (name, "%2e") == NULL)
    return FALSE;
  text = g_string_new (NULL);
  for (const char *at = name; *at != '\0';)
    if (strncmp (at, "\xc2\xb7", 2) == 0)
      {
        g_string_append_c (text, '.');
        at += 2;
      }
    else if (*at == '%' && g_ascii_isxdigit (at[1]) && g_ascii_isxdigit (at[2]) && g_ascii_xdigit_value (at[1]) * 16 + g_ascii_xdigit_value (at[2]) >= 0x20)
      {
        g_string_append_c (text, g_ascii_xdigit_value (at[1]) * 16 + g_ascii_xdigit_value (at[2]));
        at += 3;
      }
    else
      g_string_append_c (text, *at++);
  parts->name = g_string_free (text, FALSE);
  parts->language = "Go";
  return TRUE;
}

static const char *
language_of (const char *name)
{
  gsize n = strlen (name);

  if (g_str_has_prefix (name, "wasm[") || g_str_has_prefix (name, "wasm-function[") || g_str_has_prefix (name, "wasm-to-"))
    return "WebAssembly";
  if (g_str_has_prefix (name, "RegExp:"))
    return "JavaScript";
  if (g_str_has_prefix (name, "_R") && n > 4 && (name[2] == 'N' || name[2] == 'I' || name[2] == 'M' || name[2] == 'X' || name[2] == 'Y'))
    return "Rust";
  if (g_str_has_prefix (name, "_ZN") && n > 24 && strncmp (name + n - 20, "17h", 3) == 0 && name[n - 1] == 'E')
    return "Rust";
  if (g_str_has_prefix (name, "_Z"))
    return "C++";
  return NULL;
}

/**
 * glow_name_parts_read:
 * @name: raw
 * @kind: of the frame: what only just-in-time compilers write is not looked for elsewhere
 * @parts: (out caller-allocates):
 *
 * O(length)
 */
void
glow_name_parts_read (const char *name, GlowFrameKind kind, GlowNameParts *parts)
{
  gboolean compiled = kind == GLOW_FRAME_JIT || kind == GLOW_FRAME_RUNTIME || kind == GLOW_FRAME_INLINED;

  memset (parts, 0, sizeof *parts);
  if (kind == GLOW_FRAME_KERNEL || kind == GLOW_FRAME_UNKNOWN || kind == GLOW_FRAME_GROUP)
    return;
  if (read_v8 (name, parts) || read_python (name, parts) || read_java_class (name, parts) || read_dotnet (name, parts) || read_rust (name, parts)
      || read_go (name, parts))
    return;
  parts->language = language_of (name);
  if (kind == GLOW_FRAME_JIT || (compiled && strchr (name, '/') != NULL && strchr (name, ' ') == NULL))
    read_java_method (name, parts);
}

char *
glow_name_dup_tidy (const char *name, GlowFrameKind kind)
{
  g_auto(GlowNameParts) parts = { NULL };

  glow_name_parts_read (name, kind, &parts);
  return g_steal_pointer (&parts.name);
}
