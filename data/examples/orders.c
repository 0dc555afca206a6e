/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program of the example recording: a small server without a network. Workers take orders, parse, price, compress and store them;
 * most requests take a millisecond or two. One in sixty finds the log full and rolls it while it holds the lock of the table, so that it,
 * and whoever waits for that lock, takes tens of milliseconds: a tail that an average hides. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__ ((noinline, noclone))
#define N_WORKERS 3
#define N_ITEMS 40
#define TABLE 4096
#define ROLL_EVERY 60

typedef struct {
  char text[4096];
  uint32_t items[N_ITEMS], prices[N_ITEMS];
  uint8_t packed[8192];
  size_t length, packed_length;
  uint64_t total;
} Order;

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t table[TABLE];
static unsigned stored;
static volatile uint64_t sink;
static volatile int stopping;
static int log_file = -1;

static NOINLINE uint32_t
parse_number (const char **at)
{
  uint32_t value = 0;

  while (**at >= '0' && **at <= '9')
    value = value * 10 + (uint32_t) (*(*at)++ - '0');
  return value;
}

static NOINLINE void
parse_items (Order *order, const char *at)
{
  for (int i = 0; i < N_ITEMS && *at != '\0'; i++)
    {
      while (*at != '\0' && (*at < '0' || *at > '9'))
        at++;
      order->items[i] = parse_number (&at);
    }
}

static NOINLINE void
parse_order (Order *order)
{
  for (int round = 0; round < 260; round++)
    parse_items (order, order->text);
}

static NOINLINE uint32_t
hash_item (uint32_t item)
{
  for (int i = 0; i < 8; i++)
    item = (item ^ (item >> 15)) * 0x2c1b3c6dU + (uint32_t) i;
  return item;
}

static NOINLINE int
is_dearer (uint32_t first, uint32_t second)
{
  return first > second;
}

static NOINLINE void
sort_prices (uint32_t *prices, int n)
{
  for (int gap = n / 2; gap > 0; gap /= 2)
    for (int i = gap; i < n; i++)
      {
        uint32_t price = prices[i];
        int at = i;

        for (; at >= gap && is_dearer (prices[at - gap], price); at -= gap)
          prices[at] = prices[at - gap];
        prices[at] = price;
      }
}

static NOINLINE uint64_t
apply_discounts (const uint32_t *prices, int n)
{
  uint64_t sum = 0;

  for (int i = 0; i < n; i++)
    sum += prices[i] - prices[i] / (uint32_t) (10 + i);
  return sum;
}

static NOINLINE void
price_order (Order *order)
{
  for (int round = 0; round < 230; round++)
    {
      for (int i = 0; i < N_ITEMS; i++)
        order->prices[i] = hash_item (order->items[i] + (uint32_t) round) % 10000;
      sort_prices (order->prices, N_ITEMS);
      order->total += apply_discounts (order->prices, N_ITEMS);
    }
}

static NOINLINE size_t
find_match (const uint8_t *text, size_t at, size_t end)
{
  size_t best = 0, from = at > 96 ? at - 96 : 0;

  for (size_t start = from; start < at; start++)
    {
      size_t length = 0;

      while (at + length < end && length < 32 && text[start + length] == text[at + length])
        length++;
      if (length > best)
        best = length;
    }
  return best;
}

static NOINLINE void
compress_reply (Order *order)
{
  order->packed_length = 0;
  for (size_t at = 0; at < order->length;)
    {
      size_t match = find_match ((const uint8_t *) order->text, at, order->length);

      order->packed[order->packed_length++] = (uint8_t) (match > 3 ? match : (size_t) order->text[at]);
      at += match > 3 ? match : 1;
    }
}

static NOINLINE void
roll_log (void)
{
  static char block[1 << 16];

  if (log_file < 0 || ftruncate (log_file, 0) != 0)
    return;
  for (int i = 0; i < 96; i++)
    {
      memset (block, i, sizeof block);
      if (write (log_file, block, sizeof block) < 0)
        return;
    }
  fsync (log_file);
  usleep (12000);
}

static NOINLINE void
append_log (const Order *order)
{
  if (stored % ROLL_EVERY == ROLL_EVERY - 1)
    roll_log ();
  if (log_file >= 0 && write (log_file, order->packed, order->packed_length) < 0)
    return;
}

static NOINLINE void
store_order (Order *order)
{
  pthread_mutex_lock (&table_lock);
  for (int i = 0; i < N_ITEMS; i++)
    table[hash_item (order->items[i]) % TABLE] += order->total;
  append_log (order);
  stored++;
  pthread_mutex_unlock (&table_lock);
}

NOINLINE void
handle_request (Order *order)
{
  parse_order (order);
  price_order (order);
  compress_reply (order);
  store_order (order);
  sink += order->total + order->packed_length;
}

static NOINLINE void
receive_order (Order *order, unsigned seed)
{
  int length = 0;

  for (int i = 0; i < N_ITEMS; i++)
    length += snprintf (order->text + length, sizeof order->text - (size_t) length, "{\"item\": %u, \"n\": %u}, ", hash_item (seed + (unsigned) i) % 99991, i % 7);
  order->length = (size_t) length;
  order->total = 0;
}

static void *
worker_main (void *data)
{
  unsigned number = (unsigned) (uintptr_t) data;
  Order *order = calloc (1, sizeof *order);
  char name[16];

  snprintf (name, sizeof name, "worker-%u", number);
  prctl (PR_SET_NAME, name);
  for (unsigned i = 0; !stopping; i++)
    {
      receive_order (order, i * N_WORKERS + number);
      handle_request (order);
      usleep (200 + hash_item (i) % 800);
    }
  free (order);
  return NULL;
}

static NOINLINE uint64_t
compact_table (void)
{
  uint64_t sum = 0;

  for (int round = 0; round < 80; round++)
    for (int i = 0; i < TABLE; i++)
      sum = sum * 31 + (table[i] ^ (sum >> 7));
  return sum;
}

static void *
compactor_main (void *data)
{
  prctl (PR_SET_NAME, "compactor");
  while (!stopping)
    {
      pthread_mutex_lock (&table_lock);
      sink += compact_table ();
      pthread_mutex_unlock (&table_lock);
      usleep (50000);
    }
  return data;
}

int
main (int argc, char **argv)
{
  int seconds = argc > 1 ? atoi (argv[1]) : 5;
  char path[] = "/var/tmp/orders-XXXXXX";
  pthread_t threads[N_WORKERS + 1];

  log_file = mkstemp (path);
  unlink (path);
  for (unsigned i = 0; i < N_WORKERS; i++)
    pthread_create (&threads[i], NULL, worker_main, (void *) (uintptr_t) i);
  pthread_create (&threads[N_WORKERS], NULL, compactor_main, NULL);
  sleep ((unsigned) seconds);
  stopping = 1;
  for (int i = 0; i <= N_WORKERS; i++)
    pthread_join (threads[i], NULL);
  printf ("%u orders\n", stored);
  return 0;
}
