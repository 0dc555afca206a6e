/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Probes on functions of a file that the caller has opened. The kernel finds the file by this process' own descriptor while it makes the probe, and keeps
 * the file itself, not its name. What was made is written down before, in the runtime directory, so that it can be removed by whoever comes next.
 *
 * Source: Documentation/trace/uprobetracer.rst. */
#include "helper/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "afterglow_"

#define refuse(error, code, ...) (g_set_error (error, G_IO_ERROR, G_IO_ERROR_##code, __VA_ARGS__), FALSE)

/* "group:event" of all that exist now or may. */
static GPtrArray *made;

static char *
dup_state_path (void)
{
  const char *folder = g_getenv ("RUNTIME_DIRECTORY");

  return g_build_filename (folder != NULL ? folder : "/run/afterglow", "probes", NULL);
}

static gboolean
write_state (GError **error)
{
  g_autofree char *path = dup_state_path (), *folder = g_path_get_dirname (path);
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < made->len; i++)
    g_string_append_printf (text, "%s\n", (char *) g_ptr_array_index (made, i));
  if (g_mkdir_with_parents (folder, 0700) != 0)
    return refuse (error, FAILED, "“%s” cannot be made: %s", folder, g_strerror (errno));
  return g_file_set_contents_full (path, text->str, text->len, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}

static gboolean
tell_kernel (const char *line, GError **error)
{
  g_autofree char *path = g_strconcat (helper_facts_tracefs (), "/uprobe_events", NULL);
  int fd = open (path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
  gssize n = fd >= 0 ? write (fd, line, strlen (line)) : -1;
  int code = errno;

  if (fd >= 0)
    close (fd);
  return n == (gssize) strlen (line) || refuse (error, FAILED, "The kernel makes no such probe: %s", g_strerror (code));
}

/* Each of them that exists; gone ones are as good as removed. */
static gboolean
remove_all (const char *const *events)
{
  gboolean all = TRUE;

  for (guint i = 0; events[i] != NULL; i++)
    {
      g_auto(GStrv) halves = g_strsplit (events[i], ":", 2);
      g_autofree char *line = g_strdup_printf ("-:%s/%s\n", halves[0], halves[1]), *folder = NULL;
      guint place;

      folder = g_build_filename (helper_facts_tracefs (), "events", halves[0], halves[1], NULL);
      if (!tell_kernel (line, NULL) && g_file_test (folder, G_FILE_TEST_EXISTS))
        all = FALSE;
      else if (g_ptr_array_find_with_equal_func (made, events[i], g_str_equal, &place))
        g_ptr_array_remove_index_fast (made, place);
    }
  write_state (NULL);
  return all;
}

static void
ensure_made (void)
{
  if (made == NULL)
    made = g_ptr_array_new_with_free_func (g_free);
}

gboolean
helper_probes_sweep (void)
{
  g_autofree char *path = dup_state_path (), *text = NULL;
  g_auto(GStrv) lines = NULL;

  ensure_made ();
  if (made->len == 0 && g_file_get_contents (path, &text, NULL, NULL))
    {
      lines = g_strsplit (text, "\n", -1);
      for (guint i = 0; lines[i] != NULL; i++)
        if (g_str_has_prefix (lines[i], PREFIX) && helper_event_describe (lines[i], NULL, NULL) == HELPER_EVENT_TRACEPOINT)
          g_ptr_array_add (made, g_strdup (lines[i]));
    }
  if (made->len > 0)
    {
      g_autoptr(GPtrArray) old = g_ptr_array_new_with_free_func (g_free);

      for (guint i = 0; i < made->len; i++)
        g_ptr_array_add (old, g_strdup (g_ptr_array_index (made, i)));
      g_ptr_array_add (old, NULL);
      return remove_all ((const char *const *) old->pdata);
    }
  return TRUE;
}

static gboolean
make_probe (const HelperProbe *probe, const char *event, GUnixFDList *fds, gboolean own, GError **error)
{
  guint64 offset = probe->offset;
  g_autofree char *line = NULL;
  struct statx about;
  gsize slash = strcspn (event, ":");
  int fd, n, flags;
  const int *all;

  all = fds != NULL ? g_unix_fd_list_peek_fds (fds, &n) : NULL;
  if (all == NULL || probe->binary >= n)
    return refuse (error, INVALID_ARGUMENT, "A probe's “binary” is %d, which is no descriptor of the message", probe->binary);
  fd = all[probe->binary];
  flags = fcntl (fd, F_GETFL);
  if (flags < 0 || (flags & O_PATH) != 0 || (flags & O_ACCMODE) == O_WRONLY)
    return refuse (error, INVALID_ARGUMENT, "A probe's “binary” is not open for reading");
  if (statx (fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &about) != 0 || !S_ISREG (about.stx_mode) || helper_fd_may_wait (fd))
    return refuse (error, INVALID_ARGUMENT, "A probe's “binary” is no regular file of a file system of the kernel's");
  /* A breakpoint in the midst of an instruction would break a program: by offset alone only in one's own. */
  if (!helper_elf_find (fd, probe->symbol, !own, &offset, error))
    return FALSE;
  line = g_strdup_printf ("%c:%.*s/%s /proc/self/fd/%d:0x%" PRIx64 "\n", probe->is_return ? 'r' : 'p', (int) slash, event, event + slash + 1, fd, offset);
  return tell_kernel (line, error);
}

HelperProbes *
helper_probes_make (const HelperRequest *request, GUnixFDList *fds, gboolean own, GError **error)
{
  static guint n_groups;
  HelperProbes *probes = g_new0 (HelperProbes, 1);
  gboolean is_right;

  ensure_made ();
  probes->events = g_new0 (char *, request->probes->len + 1);
  n_groups++;
  for (guint i = 0; i < request->probes->len; i++)
    {
      const HelperProbe *probe = g_ptr_array_index (request->probes, i);

      probes->events[i] = g_strdup_printf (PREFIX "%x_%u:%s", getpid (), n_groups, probe->label);
      g_ptr_array_add (made, g_strdup (probes->events[i]));
    }
  is_right = write_state (error);
  for (guint i = 0; is_right && i < request->probes->len; i++)
    is_right = make_probe (g_ptr_array_index (request->probes, i), probes->events[i], fds, own, error);
  if (is_right)
    return probes;
  helper_probes_remove (probes);
  helper_probes_free (probes);
  return NULL;
}

gboolean
helper_probes_remove (HelperProbes *probes)
{
  return remove_all ((const char *const *) probes->events);
}

void
helper_probes_free (HelperProbes *probes)
{
  if (probes == NULL)
    return;
  g_strfreev (probes->events);
  g_free (probes);
}
