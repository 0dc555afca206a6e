/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes perf.data, as a file and as a stream, with one event in it: which one a record is of need not be looked up, so that threads that begin later need
 * not be known in the head.
 *
 * Source: tools/perf/Documentation/perf.data-file-format.txt. */
#include "helper/sampler.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { RECORD_ATTR = 64, RECORD_ROUND = 68, RECORD_UPDATE = 78, UPDATE_NAME = 2 };
enum { FEATURE_HOSTNAME = 3, FEATURE_RELEASE, FEATURE_VERSION, FEATURE_ARCH, FEATURE_CPUS, FEATURE_COMMAND = 11, FEATURE_EVENTS };

typedef struct { guint64 offset, size; } Section;

typedef struct {
  char magic[8];
  guint64 size, attr_size;
  Section attrs, data, types;
  guint64 features[4];
} Head;

typedef struct {
  struct perf_event_header header;
  guint32 pid, tid;
  guint64 start, length, offset;
  guint32 major, minor;
  guint64 inode, generation;
  guint32 protection, flags;
} MapRecord;

gboolean
sample_file_write (SampleFile *file, const void *bytes, gsize n)
{
  for (const char *at = bytes; n > 0;)
    {
      gssize written = write (file->fd, at, n);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return FALSE;
      at += written;
      n -= written;
      file->written += written;
    }
  return TRUE;
}

/* A record: its body, then @name with zeros up to the next eighth byte, then what stands behind each record. */
static gboolean
write_record (SampleFile *file, struct perf_event_header *record, gsize n, const char *name)
{
  char tail[4096 + 8 + SAMPLE_ID_BYTES] = { 0 };
  gsize n_name = name != NULL ? MIN (strlen (name), 4096 - 1) + 1 : 0, n_tail = (n + n_name + 7) / 8 * 8 - n + SAMPLE_ID_BYTES;

  if (name != NULL)
    memcpy (tail, name, n_name - 1);
  record->size = n + n_tail;
  return sample_file_write (file, record, n) && sample_file_write (file, tail, n_tail);
}

gboolean
sample_file_begin (SampleFile *file)
{
  Head head = { "PERFILE2", file->is_pipe ? 16 : sizeof head, sizeof file->attr + sizeof (Section) };
  Section none = { 0 };
  struct { struct perf_event_header header; struct perf_event_attr attr; guint64 id; } described = { { RECORD_ATTR, 0, sizeof described }, file->attr, 0 };
  struct { struct perf_event_header header; guint64 what, id; char name[64]; } named = { { RECORD_UPDATE, 0, sizeof named }, UPDATE_NAME, 0 };

  g_strlcpy (named.name, file->name, sizeof named.name);
  if (file->is_pipe)
    return sample_file_write (file, &head, 16) && sample_file_write (file, &described, sizeof described)
           && sample_file_write (file, &named, sizeof named);
  head.attrs = (Section) { sizeof head, head.attr_size };
  head.data.offset = file->data = sizeof head + head.attr_size;
  return sample_file_write (file, &head, sizeof head) && sample_file_write (file, &file->attr, sizeof file->attr) && sample_file_write (file, &none, sizeof none);
}

gboolean
sample_file_round (SampleFile *file)
{
  struct perf_event_header round = { RECORD_ROUND, 0, sizeof round };

  return sample_file_write (file, &round, sizeof round);
}

static gboolean
add_thread (SampleFile *file, pid_t pid, pid_t tid)
{
  struct { struct perf_event_header header; guint32 pid, tid; } record = { { PERF_RECORD_COMM, PERF_RECORD_MISC_USER, 0 }, pid, tid };
  g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d/comm", pid, tid), *comm = NULL;

  if (!g_file_get_contents (path, &comm, NULL, NULL))
    return TRUE;
  comm[strcspn (comm, "\n")] = '\0';
  return write_record (file, &record.header, sizeof record, comm);
}

gboolean
sample_file_add_process (SampleFile *file, pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/maps", pid), *tasks = g_strdup_printf ("/proc/%d/task", pid), *text = NULL;
  g_autoptr(GDir) threads = g_dir_open (tasks, 0, NULL);
  g_auto(GStrv) lines = NULL;
  const char *name;

  while (threads != NULL && (name = g_dir_read_name (threads)) != NULL)
    if (!add_thread (file, pid, atoi (name)))
      return FALSE;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return TRUE;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      MapRecord map = { { PERF_RECORD_MMAP2, PERF_RECORD_MISC_USER, 0 }, pid, pid };
      guint64 end;
      char rights[5];
      int at = 0;

      if (sscanf (lines[i], "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n", &map.start, &end, rights, &map.offset, &map.major, &map.minor,
                  &map.inode, &at) < 7 || rights[2] != 'x' || end <= map.start)
        continue;
      map.length = end - map.start;
      map.protection = (rights[0] == 'r' ? 1 : 0) | (rights[1] == 'w' ? 2 : 0) | 4;
      map.flags = rights[3] == 's' ? 1 : 2;
      if (!write_record (file, &map.header, sizeof map, lines[i][at] != '\0' ? lines[i] + at : "//anon"))
        return FALSE;
    }
  return TRUE;
}

gboolean
sample_file_add_kernel (SampleFile *file)
{
  struct { struct perf_event_header header; guint32 pid, tid; guint64 start, length, offset; } map =
    { { PERF_RECORD_MMAP, PERF_RECORD_MISC_KERNEL, 0 }, (guint32) -1, 0 };
  FILE *symbols = fopen ("/proc/kallsyms", "re");
  char line[512], name[256];
  guint64 address;

  while (symbols != NULL && map.start == 0 && fgets (line, sizeof line, symbols) != NULL)
    if (sscanf (line, "%" SCNx64 " %*c %255s", &address, name) == 2 && strcmp (name, "_text") == 0)
      map.start = map.offset = address;
  if (symbols != NULL)
    fclose (symbols);
  map.length = -map.start;
  return map.start == 0 || write_record (file, &map.header, sizeof map, "[kernel.kallsyms]_text");
}

/* ---- what is written at the end ---- */

/* perf's strings: a length, then zeros up to the 64th byte. */
static void
append_string (GByteArray *bytes, const char *text)
{
  static const guint8 zeros[64];
  guint32 n = (strlen (text) + 1 + 63) / 64 * 64;

  g_byte_array_append (bytes, (const guint8 *) &n, sizeof n);
  g_byte_array_append (bytes, (const guint8 *) text, strlen (text));
  g_byte_array_append (bytes, zeros, n - strlen (text));
}

static GByteArray *
make_feature (const SampleFile *file, int feature, GArray *ids)
{
  GByteArray *bytes = g_byte_array_new ();
  guint32 numbers[2] = { sysconf (_SC_NPROCESSORS_CONF), sysconf (_SC_NPROCESSORS_ONLN) }, n = 0;
  struct utsname kernel;

  uname (&kernel);
  switch (feature)
    {
    case FEATURE_HOSTNAME:
      append_string (bytes, kernel.nodename);
      break;
    case FEATURE_RELEASE:
    case FEATURE_VERSION:
      append_string (bytes, kernel.release);
      break;
    case FEATURE_ARCH:
      append_string (bytes, kernel.machine);
      break;
    case FEATURE_CPUS:
      g_byte_array_append (bytes, (const guint8 *) numbers, sizeof numbers);
      break;
    case FEATURE_COMMAND:
      n = g_strv_length (file->command);
      g_byte_array_append (bytes, (const guint8 *) &n, sizeof n);
      for (guint i = 0; i < n; i++)
        append_string (bytes, file->command[i]);
      break;
    case FEATURE_EVENTS:
    default:
      numbers[0] = 1;
      numbers[1] = sizeof file->attr;
      g_byte_array_append (bytes, (const guint8 *) numbers, sizeof numbers);
      g_byte_array_append (bytes, (const guint8 *) &file->attr, sizeof file->attr);
      g_byte_array_append (bytes, (const guint8 *) &ids->len, sizeof ids->len);
      append_string (bytes, file->name);
      g_byte_array_append (bytes, (const guint8 *) ids->data, ids->len * sizeof (guint64));
    }
  return bytes;
}

gboolean
sample_file_finish (SampleFile *file, GArray *ids)
{
  static const int features[] = { FEATURE_HOSTNAME, FEATURE_RELEASE, FEATURE_VERSION, FEATURE_ARCH, FEATURE_CPUS, FEATURE_COMMAND, FEATURE_EVENTS };
  Head head = { "PERFILE2", sizeof head, sizeof file->attr + sizeof (Section) };
  Section sections[G_N_ELEMENTS (features)], places;
  g_autoptr(GByteArray) all = g_byte_array_new ();
  guint64 end = file->written;

  if (file->is_pipe)
    return TRUE;
  head.attrs = (Section) { sizeof head, head.attr_size };
  head.data = (Section) { file->data, end - file->data };
  /* perf looks for the table of features where records end. */
  for (guint i = 0; i < G_N_ELEMENTS (features); i++)
    {
      g_autoptr(GByteArray) bytes = make_feature (file, features[i], ids);

      head.features[0] |= 1ull << features[i];
      sections[i] = (Section) { end + sizeof sections + all->len, bytes->len };
      g_byte_array_append (all, bytes->data, bytes->len);
    }
  places = (Section) { end + sizeof sections + all->len, ids->len * sizeof (guint64) };
  return sample_file_write (file, sections, sizeof sections) && sample_file_write (file, all->data, all->len)
         && sample_file_write (file, ids->data, ids->len * sizeof (guint64))
         && pwrite (file->fd, &places, sizeof places, sizeof head + sizeof file->attr) == sizeof places
         && pwrite (file->fd, &head, sizeof head, 0) == sizeof head;
}
