/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mapped files that others may cut short while they are read: the kernel answers a touch behind the new end with SIGBUS. The handler here puts
 * a page of zeros in that place, notes that it did, and reading goes on; whoever owns the map asks afterwards. Signals that are not of a map
 * of ours go to the handler that was there before. */
#include "formats/input-object-private.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_MAPS 512            /* profiles keep theirs for the fields of samples */

/* Read by the handler: every field is written before @end, which makes an entry valid, and cleared after it. */
typedef struct {
  gsize start, end;
  gint hit;
} GuardedMap;

static GuardedMap maps[MAX_MAPS];
static struct sigaction before;
static gsize page_size;
static GMutex lock;

static void
on_bus_error (int number, siginfo_t *information, void *context)
{
  gsize address = (gsize) information->si_addr;

  for (guint i = 0; i < MAX_MAPS; i++)
    {
      gsize end = __atomic_load_n (&maps[i].end, __ATOMIC_ACQUIRE);

      if (end == 0 || address < maps[i].start || address >= end)
        continue;
      if (mmap ((gpointer) (address & ~(page_size - 1)), page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
        break;
      __atomic_store_n (&maps[i].hit, TRUE, __ATOMIC_RELEASE);
      return;
    }
  if (before.sa_flags & SA_SIGINFO && before.sa_sigaction != NULL)
    before.sa_sigaction (number, information, context);
  else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)
    before.sa_handler (number);
  else
    signal (SIGBUS, SIG_DFL);  /* the instruction is tried again, and ends the program as it would have */
}

static void
install_handler (void)
{
  static gsize done;

  if (g_once_init_enter (&done))
    {
      struct sigaction action = { .sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO };

      page_size = sysconf (_SC_PAGESIZE);
      sigemptyset (&action.sa_mask);
      sigaction (SIGBUS, &action, &before);
      g_once_init_leave (&done, 1);
    }
}

static GuardedMap *
find_map (gconstpointer map)
{
  for (guint i = 0; i < MAX_MAPS; i++)
    if (maps[i].end != 0 && maps[i].start == (gsize) map)
      return &maps[i];
  return NULL;
}

/**
 * glow_guard_map:
 * @fd: a regular file
 * @n: bytes
 *
 * Returns: (nullable): the file, mapped for reading; %NULL where it cannot be, or where too many are: it can be read as a stream then
 */
gpointer
glow_guard_map (int fd, gsize n)
{
  gpointer map = NULL;

  install_handler ();
  g_mutex_lock (&lock);
  for (guint i = 0; i < MAX_MAPS && map == NULL; i++)
    {
      if (maps[i].end != 0)
        continue;
      map = mmap (NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
      if (map == MAP_FAILED)
        {
          map = NULL;
          break;
        }
      maps[i].start = (gsize) map;
      maps[i].hit = FALSE;
      __atomic_store_n (&maps[i].end, (gsize) map + n, __ATOMIC_RELEASE);
    }
  g_mutex_unlock (&lock);
  return map;
}

gboolean
glow_guard_was_hit (gconstpointer map)
{
  const GuardedMap *own;
  gboolean hit;

  g_mutex_lock (&lock);
  own = find_map (map);
  hit = own != NULL && __atomic_load_n (&own->hit, __ATOMIC_ACQUIRE);
  g_mutex_unlock (&lock);
  return hit;
}

gboolean
glow_guard_unmap (gpointer map, gsize n)
{
  GuardedMap *own;
  gboolean hit = FALSE;

  g_mutex_lock (&lock);
  own = find_map (map);
  if (own != NULL)
    {
      hit = own->hit;
      __atomic_store_n (&own->end, 0, __ATOMIC_RELEASE);
    }
  munmap (map, n);
  g_mutex_unlock (&lock);
  return hit;
}
