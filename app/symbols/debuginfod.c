/* SPDX-License-Identifier: GPL-3.0-or-later */
/* debuginfod: files of modules asked for by build-id, through the elfutils client. The client may wait for a server longer than a person does, so each
 * question has a thread of its own, which is left behind when it is cancelled and then ends by itself.
 *
 * The client is loaded when the first question is asked: it brings thirty libraries, and every start would pay for them. */
#include <config.h>

#include <errno.h>
#include <glib/gi18n-lib.h>

#include "symbols/debuginfod-private.h"
#include "symbols/elf-file-private.h"
#include "symbols/module-files-private.h"

#include <afterglow/debuginfod.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_DEBUGINFOD
#include <dlfcn.h>
#include <elfutils/debuginfod.h>
#endif

#define LOOK_EVERY_MS 40
#define URLS "DEBUGINFOD_URLS"

/* What the client said where it put a file, by the last part of the place that is expected: its names are its own affair. */
static GMutex lock;
static GHashTable *told;

static char *
dup_cache_folder (void)
{
  const char *given = g_getenv ("DEBUGINFOD_CACHE_PATH");
  g_autofree char *old = g_build_filename (g_get_home_dir (), ".debuginfod_client_cache", NULL);

  if (given != NULL && *given != '\0')
    return g_strdup (given);
  return g_file_test (old, G_FILE_TEST_IS_DIR) ? g_steal_pointer (&old) : g_build_filename (g_get_user_cache_dir (), "debuginfod_client", NULL);
}

char *
glow_debuginfod_dup_cached (const guint8 *build_id, guint n, const char *kind)
{
  g_autofree char *hex = glow_build_id_dup_hex (build_id, n, FALSE), *name = g_strconcat (hex, "/", kind, NULL), *folder = dup_cache_folder ();
  char *path;

  g_mutex_lock (&lock);
  path = told != NULL ? g_strdup (g_hash_table_lookup (told, name)) : NULL;
  g_mutex_unlock (&lock);
  return path != NULL ? path : g_build_filename (folder, name, NULL);
}

#ifdef HAVE_DEBUGINFOD
typedef struct {
  __typeof__ (&debuginfod_begin) begin;
  __typeof__ (&debuginfod_end) end;
  __typeof__ (&debuginfod_find_debuginfo) find_debuginfo;
  __typeof__ (&debuginfod_find_executable) find_executable;
  __typeof__ (&debuginfod_find_source) find_source;
  __typeof__ (&debuginfod_set_progressfn) set_progressfn;
  __typeof__ (&debuginfod_set_user_data) set_user_data;
  __typeof__ (&debuginfod_get_user_data) get_user_data;
} ClientLibrary;

/* NULL where it was there when this was built and is not now. */
static const ClientLibrary *
client_library (void)
{
  static ClientLibrary library;
  static gsize once;

  if (g_once_init_enter (&once))
    {
      void *handle = dlopen ("libdebuginfod.so.1", RTLD_NOW | RTLD_LOCAL);
      gboolean whole = handle != NULL;
      const struct { const char *name; void **to; } symbols[] = {
        { "debuginfod_begin", (void **) &library.begin },
        { "debuginfod_end", (void **) &library.end },
        { "debuginfod_find_debuginfo", (void **) &library.find_debuginfo },
        { "debuginfod_find_executable", (void **) &library.find_executable },
        { "debuginfod_find_source", (void **) &library.find_source },
        { "debuginfod_set_progressfn", (void **) &library.set_progressfn },
        { "debuginfod_set_user_data", (void **) &library.set_user_data },
        { "debuginfod_get_user_data", (void **) &library.get_user_data },
      };

      for (guint i = 0; whole && i < G_N_ELEMENTS (symbols); i++)
        whole = (*symbols[i].to = dlsym (handle, symbols[i].name)) != NULL;
      g_once_init_leave (&once, whole ? 1 : 2);
    }
  return once == 1 ? &library : NULL;
}
#endif

gboolean
glow_debuginfod_is_supported (void)
{
#ifdef HAVE_DEBUGINFOD
  return client_library () != NULL;
#else
  return FALSE;
#endif
}

char **
glow_debuginfod_dup_servers (void)
{
  const char *urls = g_getenv (URLS);
  g_auto(GStrv) words = g_strsplit (urls != NULL ? urls : "", " ", -1);
  g_autoptr(GPtrArray) servers = g_ptr_array_new ();

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_ptr_array_add (servers, g_strdup (words[i]));
  g_ptr_array_add (servers, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&servers), FALSE);
}

/* A desktop session may not have read /etc/profile.d, which sets the variable from these files in a shell. */
static char *
dup_system_servers (void)
{
  g_autoptr(GDir) folder = g_dir_open ("/etc/debuginfod", 0, NULL);
  g_autoptr(GString) urls = g_string_new (NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/etc/debuginfod", name, NULL), *text = NULL;

      if (!g_str_has_suffix (name, ".urls") || !g_file_get_contents (path, &text, NULL, NULL))
        continue;
      g_strdelimit (text, "\r\n\t", ' ');
      g_string_append_printf (urls, "%s%s", urls->len > 0 ? " " : "", g_strstrip (text));
    }
  return g_string_free (g_steal_pointer (&urls), FALSE);
}

void
glow_debuginfod_find_servers (const char *servers)
{
  g_autofree char *system = NULL;

  if (g_getenv (URLS) != NULL)
    return;
  if (servers == NULL || *servers == '\0')
    servers = system = dup_system_servers ();
  if (*servers != '\0')
    g_setenv (URLS, servers, FALSE);
}

/* ---- what is worth asking for ---- */

static gboolean
is_wanted (const GlowModule *module)
{
  return module->kind == GLOW_MODULE_USER && module->build_id_length > 1
         && (module->symbols == GLOW_SYMBOLS_NONE || module->symbols == GLOW_SYMBOLS_NO_FILE || module->symbols == GLOW_SYMBOLS_BUILD_ID_MISMATCH
             || module->symbols == GLOW_SYMBOLS_DYNAMIC_ONLY);
}

static gint
compare_wanted (gconstpointer a, gconstpointer b)
{
  const GlowWantedModule *left = a, *right = b;

  if (left->unnamed != right->unnamed)
    return left->unnamed > right->unnamed ? -1 : 1;
  if (left->total != right->total)
    return left->total > right->total ? -1 : 1;
  return left->module < right->module ? -1 : left->module > right->module;
}

/* A node below another of its module (without a name, for what has none) is counted there already. */
static void
add_node (GlowCallTree *tree, guint32 node, GlowWantedModule *rows, const guint8 *wanted)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  const GlowFrame *frame = glow_call_tree_get_frame (tree, nodes->frame[node]);
  gboolean unnamed = frame->kind == GLOW_FRAME_UNKNOWN, counted = FALSE, counted_unnamed = FALSE;

  if (frame->kind == GLOW_FRAME_GROUP || frame->module == GLOW_NONE || !wanted[frame->module])
    return;
  for (guint32 above = nodes->parent[node]; above != 0 && !(counted && (counted_unnamed || !unnamed)); above = nodes->parent[above])
    {
      const GlowFrame *other = glow_call_tree_get_frame (tree, nodes->frame[above]);

      if (other->kind == GLOW_FRAME_GROUP || other->module != frame->module)
        continue;
      counted = TRUE;
      counted_unnamed |= other->kind == GLOW_FRAME_UNKNOWN;
    }
  if (!counted)
    rows[frame->module].total += nodes->total[node];
  if (unnamed && !counted_unnamed)
    rows[frame->module].unnamed += nodes->total[node];
}

/**
 * glow_call_tree_compute_wanted:
 *
 * O(nodes × depth) at worst; modules that have all their names cost nothing.
 */
GArray *
glow_call_tree_compute_wanted (GlowCallTree *tree)
{
  GlowProfile *profile = glow_call_tree_get_profile (tree);
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  GArray *found = g_array_new (FALSE, FALSE, sizeof (GlowWantedModule));
  guint32 n;
  const GlowModule *modules = glow_profile_get_modules (profile, &n);
  g_autofree GlowWantedModule *rows = g_new0 (GlowWantedModule, n + 1);
  g_autofree guint8 *wanted = g_new0 (guint8, n + 1);
  double all = MAX (nodes->total[0], 1);

  for (guint32 i = 0; i < n; i++)
    wanted[i] = is_wanted (&modules[i]);
  for (guint32 i = 1; i < nodes->n_nodes; i++)
    add_node (tree, i, rows, wanted);
  for (guint32 i = 0; i < n; i++)
    {
      rows[i].module = i;
      rows[i].unnamed_share = rows[i].unnamed / all;
      rows[i].total_share = rows[i].total / all;
      if (rows[i].total > 0)
        g_array_append_val (found, rows[i]);
    }
  g_array_sort (found, compare_wanted);
  return found;
}

/* ---- asking ---- */

#ifdef HAVE_DEBUGINFOD

/* One question. Shared by who asks and the thread that waits for a server. */
typedef struct {
  gatomicrefcount ref_count;
  GMutex lock;
  GCond changed;
  char *hex, *kind, *source;   /* source: for kind "source" */
  gboolean done, given_up;
  int result;                  /* 0, or a negative errno */
  char *path;
  guint64 bytes, total;
} Question;

static void
question_unref (Question *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self->hex);
  g_free (self->kind);
  g_free (self->source);
  g_free (self->path);
  g_free (self);
}

static int
on_client_progress (debuginfod_client *client, long a, long b)
{
  Question *self = client_library ()->get_user_data (client);
  gboolean given_up;

  g_mutex_lock (&self->lock);
  /* Without a total, the first number is only how often it looked. */
  self->bytes = b > 0 && a > 0 ? a : 0;
  self->total = MAX (b, 0);
  given_up = self->given_up;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
  return given_up;
}

static gpointer
ask_server (gpointer data)
{
  Question *self = data;
  const ClientLibrary *library = client_library ();
  debuginfod_client *client = library != NULL ? library->begin () : NULL;
  char *path = NULL;
  int fd = -ENOMEM;

  if (client != NULL)
    {
      library->set_user_data (client, self);
      library->set_progressfn (client, on_client_progress);
      if (self->source != NULL)
        fd = library->find_source (client, (const unsigned char *) self->hex, 0, self->source, &path);
      else if (strcmp (self->kind, "executable") == 0)
        fd = library->find_executable (client, (const unsigned char *) self->hex, 0, &path);
      else
        fd = library->find_debuginfo (client, (const unsigned char *) self->hex, 0, &path);
      library->end (client);
    }
  if (fd >= 0)
    close (fd);
  g_mutex_lock (&self->lock);
  self->done = TRUE;
  self->result = MIN (fd, 0);
  self->path = g_strdup (path);
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
  free (path);
  question_unref (self);
  return NULL;
}

static void
set_server_error (int code, GError **error)
{
  g_auto(GStrv) servers = glow_debuginfod_dup_servers ();
  g_autofree char *names = g_strjoinv (", ", servers);

  if (servers[0] == NULL)
    g_set_error_literal (error, GLOW_ERROR, GLOW_ERROR_FAILED, _("No debuginfod server is known: DEBUGINFOD_URLS is not set"));
  else
    g_set_error (error, GLOW_ERROR, GLOW_ERROR_FAILED, _("No answer from debuginfod at %s: %s"), names, g_strerror (-code));
}

/* Waits for the answer, or until it is cancelled; @path is set where it was found. */
static GlowFetchResult
ask (const GlowModule *module, const char *kind, const char *source, GlowFetchFunc progress, gpointer user_data, char **path, GCancellable *cancellable,
     GError **error)
{
  Question *self = g_new0 (Question, 1);
  GlowFetchResult result = GLOW_FETCH_FAILED;

  g_atomic_ref_count_init (&self->ref_count);
  g_atomic_ref_count_inc (&self->ref_count);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->hex = glow_module_dup_build_id (module, FALSE);
  self->kind = g_strdup (kind);
  self->source = g_strdup (source);
  g_thread_unref (g_thread_new ("glow-debuginfod", ask_server, self));
  g_mutex_lock (&self->lock);
  while (!self->done && !g_cancellable_is_cancelled (cancellable))
    {
      guint64 bytes = self->bytes, total = self->total;

      g_mutex_unlock (&self->lock);
      if (progress != NULL)
        progress (bytes, total, user_data);
      g_mutex_lock (&self->lock);
      if (!self->done)
        g_cond_wait_until (&self->changed, &self->lock, g_get_monotonic_time () + LOOK_EVERY_MS * 1000);
    }
  self->given_up = !self->done;
  if (self->given_up)
    g_cancellable_set_error_if_cancelled (cancellable, error);
  else if (self->result == -ENOENT)
    result = GLOW_FETCH_NOT_THERE;
  else if (self->result < 0 || self->path == NULL)
    set_server_error (self->result < 0 ? self->result : -ENOENT, error);
  else
    {
      result = GLOW_FETCH_FOUND;
      *path = g_strdup (self->path);
    }
  g_mutex_unlock (&self->lock);
  question_unref (self);
  return result;
}

static void
note_place (const GlowModule *module, const char *kind, const char *path)
{
  g_autofree char *hex = glow_module_dup_build_id (module, FALSE);

  g_mutex_lock (&lock);
  if (told == NULL)
    told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_insert (told, g_strconcat (hex, "/", kind, NULL), g_strdup (path));
  g_mutex_unlock (&lock);
}

static GlowFetchResult
fetch_one (const GlowModule *module, const char *kind, GlowFetchFunc progress, gpointer user_data, guint64 *bytes, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = NULL;
  GlowFetchResult result = ask (module, kind, NULL, progress, user_data, &path, cancellable, error);
  GStatBuf status;

  if (result != GLOW_FETCH_FOUND)
    return result;
  note_place (module, kind, path);
  if (g_stat (path, &status) == 0)
    *bytes += status.st_size;
  return result;
}

/**
 * glow_fetch_module:
 *
 * The debug information is asked for too where the file itself is not to be had: one may be here already, the other on a server.
 *
 * Returns: %GLOW_FETCH_FOUND where anything came
 */
GlowFetchResult
glow_fetch_module (const GlowModule *module, GlowFetchFunc progress, gpointer user_data, GlowFetched *fetched, GCancellable *cancellable, GError **error)
{
  GlowFetchResult result = GLOW_FETCH_NOT_THERE;

  *fetched = (GlowFetched) { 0 };
  if (module->symbols == GLOW_SYMBOLS_NO_FILE || module->symbols == GLOW_SYMBOLS_BUILD_ID_MISMATCH)
    {
      result = fetch_one (module, "executable", progress, user_data, &fetched->bytes, cancellable, error);
      if (result == GLOW_FETCH_FAILED)
        return result;
      fetched->program = result == GLOW_FETCH_FOUND;
    }
  result = fetch_one (module, "debuginfo", progress, user_data, &fetched->bytes, cancellable, error);
  fetched->debug = result == GLOW_FETCH_FOUND;
  return result == GLOW_FETCH_NOT_THERE && fetched->program ? GLOW_FETCH_FOUND : result;
}

char *
glow_fetch_source (const GlowModule *module, const char *file, GCancellable *cancellable, GError **error)
{
  char *path = NULL;

  if (ask (module, "source", file, NULL, NULL, &path, cancellable, error) == GLOW_FETCH_NOT_THERE)
    g_set_error (error, GLOW_ERROR, GLOW_ERROR_FAILED, _("No debuginfod server has “%s”"), file);
  return path;
}

#else

static void
set_unsupported (GError **error)
{
  g_set_error_literal (error, GLOW_ERROR, GLOW_ERROR_UNSUPPORTED, _("This build cannot ask debuginfod servers: libdebuginfod was not there when it was made"));
}

GlowFetchResult
glow_fetch_module (const GlowModule *module, GlowFetchFunc progress, gpointer user_data, GlowFetched *fetched, GCancellable *cancellable, GError **error)
{
  *fetched = (GlowFetched) { 0 };
  set_unsupported (error);
  return GLOW_FETCH_FAILED;
}

char *
glow_fetch_source (const GlowModule *module, const char *file, GCancellable *cancellable, GError **error)
{
  set_unsupported (error);
  return NULL;
}

#endif
