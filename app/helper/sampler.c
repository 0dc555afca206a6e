/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “afterglow-helper sample”: records as `perf record` does, with gaps between samples that are drawn anew after each, so that it cannot run in step with
 * what it samples. Writes perf.data. Needs no right for one's own processes.
 *
 * The law of gaps: exponential, given that it lies in [T/4, 4T], where T is the asked mean: X = T/4 − m·ln(1 − U·(1 − e^(−3.75·T/m))), U uniform in
 * [0, 1). It is continuous (cut-off gaps would pile up at two lengths), and m = 0.7811·T makes its mean T: 1/4 + m − 3.75/(e^(3.75/m) − 1) = 1.
 * Samples of clocks say T as their period, and not their gap: what is counted equally has the smaller spread, and gaps know nothing of what runs.
 * A clock stands still from a sample until that was read; the usual time of reading is taken from the next gap. Where it takes longer, on a busy machine,
 * or at thousands of Hz, rates come out lower than asked.
 *
 * Threads: each has a clock of its own and a tracker, a dummy event that tells of maps and of new threads also while clocks are paused. The kernel's own
 * inheritance would give a new thread the gap that its parent had at that moment, for good; so new threads are followed by their FORK records, and
 * the first fraction of a millisecond of a thread is not sampled.
 *
 * Source: McCanne and Torek (1993), “A randomized sampling clock for CPU utilization estimation and code profiling”; perf_event_open(2). */
#include "helper/helper.h"
#include "helper/sampler.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LEAST_GAP  0.25         /* of the mean */
#define MOST_GAP   4.0
#define SCALE      0.7811       /* m/T */
#define A_THREADS_BUFFER 65536  /* bytes: read after every record */
#define LEAST_TICK 10000        /* ns: the kernel makes shorter ones this long */
#define A_READING 100000        /* ns: what is longer was somebody else's turn */
#define FLAGS PERF_FLAG_FD_CLOEXEC

/* A thread, or a CPU. */
typedef struct {
  pid_t tid;                    /* 0: a CPU */
  int tracker, clock;
  struct perf_event_mmap_page *map;
  gsize size;                   /* bytes of data, a power of two */
  guint64 id;
  gboolean is_spent;            /* took its sample: stands still until a gap is drawn */
  gboolean has_ended;
} Source;

typedef struct {
  SampleFile file;
  GPtrArray *sources;
  GHashTable *by_id, *by_tid;
  GArray *ids;
  struct perf_event_attr tracker;
  double mean;                  /* ns of a clock, or events */
  gsize buffer;
  guint64 most;                 /* bytes of output */
  int group;                    /* descriptor of a control group, -1 */
  int control, answers;
  gboolean is_clock, follow, running, done;
} Sampler;

static volatile sig_atomic_t interrupted;

static void
on_signal (int number)
{
  interrupted = 1;
}

static int
open_event (struct perf_event_attr *attr, pid_t pid, int cpu, unsigned long flags)
{
  return syscall (SYS_perf_event_open, attr, pid, cpu, -1, flags);
}

static guint64
draw_gap (const Sampler *sampler)
{
  double reach = (MOST_GAP - LEAST_GAP) / SCALE;

  return MAX (1, sampler->mean * (LEAST_GAP - SCALE * log (1 - g_random_double () * (1 - exp (-reach)))));
}

/* The next gap, of which @late ns were spent on reading, until the next sample alone: if it were read late, others would follow at a distance that is not drawn. */
static void
draw_anew (const Sampler *sampler, Source *source, guint64 late)
{
  guint64 gap = draw_gap (sampler);

  gap = sampler->is_clock ? MAX (LEAST_TICK, gap - MIN (gap, MIN (late, A_READING))) : gap;
  ioctl (source->clock, PERF_EVENT_IOC_PERIOD, &gap);
  ioctl (source->clock, PERF_EVENT_IOC_REFRESH, 1);
  source->is_spent = FALSE;
}

static guint64
get_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return time.tv_sec * G_GUINT64_CONSTANT (1000000000) + time.tv_nsec;
}

static void
source_free (gpointer data)
{
  Source *source = data;

  if (source->map != NULL)
    munmap (source->map, source->size + sysconf (_SC_PAGESIZE));
  if (source->clock >= 0)
    close (source->clock);
  if (source->tracker >= 0)
    close (source->tracker);
  g_free (source);
}

/* Opens what samples one thread or CPU. A thread that is gone meanwhile is no error. */
static gboolean
add_source (Sampler *sampler, pid_t tid, int cpu)
{
  Source *source;
  int pid = sampler->group >= 0 ? sampler->group : tid > 0 ? tid : -1;
  unsigned long flags = FLAGS | (sampler->group >= 0 ? PERF_FLAG_PID_CGROUP : 0);
  gsize page = sysconf (_SC_PAGESIZE);

  if (tid > 0 && g_hash_table_contains (sampler->by_tid, GINT_TO_POINTER (tid)))
    return TRUE;
  source = g_new0 (Source, 1);
  source->tid = tid;
  source->clock = -1;
  source->size = tid > 0 ? MIN (sampler->buffer, A_THREADS_BUFFER) : sampler->buffer;
  source->tracker = open_event (&sampler->tracker, pid, cpu, flags);
  if (source->tracker >= 0)
    source->clock = open_event (&sampler->file.attr, pid, cpu, flags);
  /* Where locked memory is short, buffers are made smaller. */
  for (; source->clock >= 0 && source->map == NULL && source->size >= page; source->size /= 2)
    {
      void *map = mmap (NULL, source->size + page, PROT_READ | PROT_WRITE, MAP_SHARED, source->tracker, 0);

      if (map != MAP_FAILED)
        {
          source->map = map;
          break;
        }
    }
  if (source->map == NULL || ioctl (source->clock, PERF_EVENT_IOC_SET_OUTPUT, source->tracker) != 0
      || ioctl (source->clock, PERF_EVENT_IOC_ID, &source->id) != 0)
    {
      int code = errno;

      source_free (source);
      errno = code;
      return tid > 0 && code == ESRCH;
    }
  source->is_spent = TRUE;
  g_ptr_array_add (sampler->sources, source);
  g_hash_table_insert (sampler->by_id, &source->id, source);
  g_array_append_val (sampler->ids, source->id);
  if (tid > 0)
    g_hash_table_add (sampler->by_tid, GINT_TO_POINTER (tid));
  if (sampler->running)
    draw_anew (sampler, source, 0);
  return TRUE;
}

/* All threads of a process, again until there are no new ones, and, where children are followed, theirs of one thread. */
static gboolean
add_process (Sampler *sampler, pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task", pid);
  gboolean is_right = TRUE;
  guint before;

  do
    {
      g_autoptr(GDir) threads = g_dir_open (path, 0, NULL);
      const char *name;

      before = sampler->sources->len;
      while (threads != NULL && is_right && (name = g_dir_read_name (threads)) != NULL)
        is_right = add_source (sampler, atoi (name), -1);
    }
  while (is_right && sampler->sources->len > before);
  return is_right;
}

static void
on_fork (Sampler *sampler, pid_t pid, pid_t tid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d/children", pid, tid), *children = NULL;

  if (!sampler->follow)
    return;
  /* Somebody else's by now, or more than may be open: is not sampled. */
  add_source (sampler, tid, -1);
  add_process (sampler, pid);
  children = helper_read_text (path);
  for (char *at = children; at != NULL && *at != '\0'; at += strcspn (at, " "), at += *at == ' ')
    add_process (sampler, atoi (at));
}

static void
on_record (Sampler *sampler, const struct perf_event_header *record)
{
  const guint32 *words = (const guint32 *) (record + 1);

  if (record->type == PERF_RECORD_SAMPLE)
    {
      const guint64 *fields = (const guint64 *) (record + 1);   /* IDENTIFIER, IP, TID, TIME */
      Source *source = g_hash_table_lookup (sampler->by_id, fields);

      if (source == NULL)
        return;
      source->is_spent = TRUE;
      if (sampler->running)
        draw_anew (sampler, source, get_time () - fields[3]);
    }
  else if (record->type == PERF_RECORD_FORK && (words[0] != words[1] || words[2] != words[3]))
    on_fork (sampler, words[0], words[2]);
}

/* Takes all records of one buffer. */
static gboolean
drain (Sampler *sampler, Source *source, gboolean *did_write)
{
  const char *data = (const char *) source->map + sysconf (_SC_PAGESIZE);
  guint64 head = __atomic_load_n (&source->map->data_head, __ATOMIC_ACQUIRE), tail = source->map->data_tail;
  g_autofree char *copy = NULL;
  gsize n = head - tail;

  if (n == 0)
    return TRUE;
  /* Records may reach around the end of the buffer; they are looked at in a piece. */
  copy = g_malloc (n);
  for (gsize done = 0, part; done < n; done += part)
    {
      gsize at = (tail + done) & (source->size - 1);

      part = MIN (n - done, source->size - at);
      memcpy (copy + done, data + at, part);
    }
  __atomic_store_n (&source->map->data_tail, head, __ATOMIC_RELEASE);
  for (gsize at = 0; at + sizeof (struct perf_event_header) <= n;)
    {
      const struct perf_event_header *record = (const struct perf_event_header *) (copy + at);

      if (record->size < sizeof *record)
        break;
      on_record (sampler, record);
      at += record->size;
    }
  *did_write = TRUE;
  return sample_file_write (&sampler->file, copy, n);
}

static void
set_running (Sampler *sampler, gboolean running)
{
  sampler->running = running;
  for (guint i = 0; i < sampler->sources->len; i++)
    {
      Source *source = g_ptr_array_index (sampler->sources, i);

      if (running && source->is_spent)
        draw_anew (sampler, source, 0);
      else
        ioctl (source->clock, running ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0);
    }
}

/* perf's protocol: a line an order, each answered. */
static void
obey (Sampler *sampler)
{
  char text[512];
  gssize n = read (sampler->control, text, sizeof text - 1);
  g_auto(GStrv) lines = NULL;

  if (n <= 0)
    {
      sampler->control = -1;
      return;
    }
  text[n] = '\0';
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++)
    {
      if (g_str_equal (lines[i], "enable") || g_str_equal (lines[i], "disable"))
        set_running (sampler, lines[i][0] == 'e');
      sampler->done |= g_str_equal (lines[i], "stop");
      if (sampler->answers >= 0 && write (sampler->answers, "ack\n", 4) != 4)
        sampler->answers = -1;
    }
}

/* Until it is told to end, is large enough, or nobody is left. */
static gboolean
run (Sampler *sampler)
{
  g_autoptr(GArray) polls = g_array_new (FALSE, TRUE, sizeof (struct pollfd));
  sigset_t none;
  gboolean is_right = TRUE;

  sigemptyset (&none);
  while (is_right && !sampler->done && !interrupted && sampler->sources->len > 0 && (sampler->most == 0 || sampler->file.written < sampler->most))
    {
      gboolean did_write = FALSE;

      g_array_set_size (polls, sampler->sources->len + 1);
      for (guint i = 0; i < sampler->sources->len; i++)
        g_array_index (polls, struct pollfd, i) = (struct pollfd) { ((Source *) g_ptr_array_index (sampler->sources, i))->tracker, POLLIN, 0 };
      g_array_index (polls, struct pollfd, polls->len - 1) = (struct pollfd) { sampler->control, POLLIN, 0 };
      if (ppoll ((struct pollfd *) polls->data, polls->len, NULL, &none) < 0 && errno != EINTR)
        return FALSE;
      if (g_array_index (polls, struct pollfd, polls->len - 1).revents != 0)
        obey (sampler);
      for (guint i = 0; i + 1 < polls->len; i++)
        ((Source *) g_ptr_array_index (sampler->sources, i))->has_ended = (g_array_index (polls, struct pollfd, i).revents & POLLHUP) != 0;
      /* All of them, so that a round holds everything until it. */
      for (guint i = 0; is_right && i < sampler->sources->len; i++)
        is_right = drain (sampler, g_ptr_array_index (sampler->sources, i), &did_write);
      for (guint i = sampler->sources->len; i > 0; i--)
        {
          Source *source = g_ptr_array_index (sampler->sources, i - 1);

          if (!source->has_ended)
            continue;
          g_hash_table_remove (sampler->by_id, &source->id);
          g_hash_table_remove (sampler->by_tid, GINT_TO_POINTER (source->tid));
          g_ptr_array_remove_index_fast (sampler->sources, i - 1);
        }
      is_right = is_right && (!did_write || sample_file_round (&sampler->file));
    }
  set_running (sampler, FALSE);
  for (guint i = 0; is_right && i < sampler->sources->len; i++)
    is_right = drain (sampler, g_ptr_array_index (sampler->sources, i), &(gboolean) { FALSE });
  return is_right && sample_file_finish (&sampler->file, sampler->ids);
}

static void
describe (Sampler *sampler, const char *event, gboolean kernel, gboolean has_stacks, guint max_stack)
{
  struct perf_event_attr *attr = &sampler->file.attr;
  guint32 type = 0;
  guint64 config = 0;

  helper_event_describe (event, &type, &config);
  *attr = (struct perf_event_attr) {
    .type = type, .size = sizeof *attr, .config = config, .sample_period = sampler->mean,
    .sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU | PERF_SAMPLE_PERIOD
                   | (has_stacks ? PERF_SAMPLE_CALLCHAIN : 0),
    .sample_id_all = 1, .disabled = 1, .exclude_kernel = !kernel, .exclude_callchain_kernel = !kernel, .exclude_hv = 1, .exclude_guest = 1,
    .use_clockid = 1, .clockid = CLOCK_MONOTONIC, .watermark = 1, .wakeup_watermark = 1, .sample_max_stack = has_stacks ? max_stack : 0,
  };
  sampler->tracker = *attr;
  sampler->tracker.type = PERF_TYPE_SOFTWARE;
  sampler->tracker.config = PERF_COUNT_SW_DUMMY;
  sampler->tracker.sample_period = 0;
  sampler->tracker.disabled = 0;
  sampler->tracker.mmap = sampler->tracker.mmap2 = sampler->tracker.comm = sampler->tracker.comm_exec = sampler->tracker.task = 1;
}

static int
fail (const char *what)
{
  int code = errno;

  g_printerr ("%s: %s%s\n", what, g_strerror (code), code == EACCES || code == EPERM ? " (rights, or kernel.perf_event_paranoid)" : "");
  return 1;
}

static gboolean
open_targets (Sampler *sampler, char **pids)
{
  for (guint i = 0; pids[i] != NULL; i++)
    if (!add_process (sampler, atoi (pids[i])))
      return FALSE;
  for (int cpu = 0; pids[0] == NULL && cpu < sysconf (_SC_NPROCESSORS_CONF); cpu++)
    if (!add_source (sampler, 0, cpu) && errno != ENODEV)       /* a CPU that is off */
      return FALSE;
  errno = ESRCH;
  return sampler->sources->len > 0;
}

static gboolean
add_maps (Sampler *sampler, char **pids, gboolean kernel)
{
  g_autoptr(GDir) all = pids[0] == NULL ? g_dir_open ("/proc", 0, NULL) : NULL;
  gboolean is_right = !kernel || sample_file_add_kernel (&sampler->file);
  const char *name;

  for (guint i = 0; is_right && pids[i] != NULL; i++)
    is_right = sample_file_add_process (&sampler->file, atoi (pids[i]));
  while (is_right && all != NULL && (name = g_dir_read_name (all)) != NULL)
    is_right = !g_ascii_isdigit (*name) || sample_file_add_process (&sampler->file, atoi (name));
  return is_right;
}

int
helper_sample_main (int argc, char **argv)
{
  g_autofree char *output = NULL, *event = NULL, *label = NULL, *pid_list = NULL, *cgroup = NULL, *control = NULL, *call_graph = NULL, *buffer = NULL,
                  *most = NULL, *default_name = NULL;
  gint64 count = 0;
  int frequency = 0, max_stack = 0, delay = 0;
  gboolean kernel = FALSE, all_cpus = FALSE, no_inherit = FALSE;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "perf.data to write, or “-”", "FILE" },
    { "event", 'e', 0, G_OPTION_ARG_STRING, &event, "a clock or hardware event (cpu-clock)", "NAME" },
    { "name", 0, 0, G_OPTION_ARG_STRING, &label, "what it is called in the file", "NAME" },
    { "freq", 'F', 0, G_OPTION_ARG_INT, &frequency, "mean rate, of clocks", "HZ" },
    { "count", 'c', 0, G_OPTION_ARG_INT64, &count, "mean period", "N" },
    { "pid", 'p', 0, G_OPTION_ARG_STRING, &pid_list, "processes", "PID,…" },
    { "all-cpus", 'a', 0, G_OPTION_ARG_NONE, &all_cpus, "the whole machine", NULL },
    { "cgroup", 'G', 0, G_OPTION_ARG_STRING, &cgroup, "of which only this control group", "PATH" },
    { "kernel", 0, 0, G_OPTION_ARG_NONE, &kernel, "the kernel, too", NULL },
    { "call-graph", 0, 0, G_OPTION_ARG_STRING, &call_graph, "“fp” or “none”", "KIND" },
    { "max-stack", 0, 0, G_OPTION_ARG_INT, &max_stack, "frames", "N" },
    { "mmap-pages", 'm', 0, G_OPTION_ARG_STRING, &buffer, "buffer a CPU, in KiB", "NK" },
    { "no-inherit", 'i', 0, G_OPTION_ARG_NONE, &no_inherit, "not those that are started later", NULL },
    { "max-size", 0, 0, G_OPTION_ARG_STRING, &most, "bytes at which it ends", "NB" },
    { "delay", 'D', 0, G_OPTION_ARG_INT, &delay, "-1: begins when it is told to", "-1" },
    { "control", 0, 0, G_OPTION_ARG_STRING, &control, "descriptors of orders (enable, disable, ping, stop) and of answers", "fd:N,M" },
    { NULL },
  };
  g_autoptr(GOptionContext) options = g_option_context_new ("– record with random gaps");
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) pids = NULL, command = g_strdupv (argv);
  Sampler sampler = { .group = -1, .control = -1, .answers = -1 };
  HelperEventKind kind;
  sigset_t ends;
  int status = 0;

  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  kind = helper_event_describe (event != NULL ? event : "cpu-clock", NULL, NULL);
  pids = g_strsplit (pid_list != NULL ? pid_list : "", ",", -1);
  if ((kind != HELPER_EVENT_CLOCK && kind != HELPER_EVENT_HARDWARE) || (frequency <= 0) == (count <= 0) || (kind != HELPER_EVENT_CLOCK && frequency > 0)
      || (pids[0] != NULL) == all_cpus || output == NULL || (control != NULL && sscanf (control, "fd:%d,%d", &sampler.control, &sampler.answers) < 1))
    {
      g_printerr ("A clock with --freq, or any event with --count; --pid or --all-cpus; and --output are needed. --help says more.\n");
      return 2;
    }
  default_name = g_strconcat (event != NULL ? event : "cpu-clock", kernel ? NULL : ":u", NULL);
  sampler.is_clock = kind == HELPER_EVENT_CLOCK;
  sampler.mean = frequency > 0 ? 1e9 / frequency : (double) count;
  sampler.buffer = (gsize) (buffer != NULL ? CLAMP (atoi (buffer), 4, 65536) : 512) * 1024;
  sampler.most = most != NULL ? g_ascii_strtoull (most, NULL, 10) : 0;
  sampler.follow = !no_inherit && !all_cpus;
  sampler.sources = g_ptr_array_new_with_free_func (source_free);
  sampler.by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
  sampler.by_tid = g_hash_table_new (g_direct_hash, g_direct_equal);
  sampler.ids = g_array_new (FALSE, FALSE, sizeof (guint64));
  sampler.file.name = label != NULL ? label : default_name;
  sampler.file.command = command;
  sampler.file.is_pipe = g_str_equal (output, "-");
  describe (&sampler, event != NULL ? event : "cpu-clock", kernel, call_graph == NULL || !g_str_equal (call_graph, "none"), max_stack);
  sampler.file.fd = sampler.file.is_pipe ? STDOUT_FILENO : open (output, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (cgroup != NULL)
    {
      g_autofree char *below = g_strconcat ("/sys/fs/cgroup/", cgroup, NULL), *beside = g_strconcat ("/sys/fs/cgroup/unified/", cgroup, NULL);

      sampler.group = open (below, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (sampler.group < 0)
        sampler.group = open (beside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
  /* They come while records are waited for, not between a look at the flag and the wait. */
  sigemptyset (&ends);
  sigaddset (&ends, SIGINT);
  sigaddset (&ends, SIGTERM);
  sigprocmask (SIG_BLOCK, &ends, NULL);
  signal (SIGINT, on_signal);
  signal (SIGTERM, on_signal);
  if (sampler.file.fd < 0 || (cgroup != NULL && sampler.group < 0))
    status = fail (sampler.file.fd < 0 ? output : cgroup);
  else if (!open_targets (&sampler, pids))
    status = fail ("The kernel opens no such event");
  else if (!sample_file_begin (&sampler.file) || !add_maps (&sampler, pids, kernel))
    status = fail (output);
  else
    {
      set_running (&sampler, delay == 0);
      status = run (&sampler) ? 0 : fail (output);
    }
  g_hash_table_unref (sampler.by_id);
  g_hash_table_unref (sampler.by_tid);
  g_ptr_array_unref (sampler.sources);
  g_array_unref (sampler.ids);
  return status;
}
