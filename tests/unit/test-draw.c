/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels, colours, and pictures against reference pictures at two scales. GLOW_UPDATE_PICTURES=1 writes the references anew: look at them. */
#include <afterglow/afterglow.h>
#include "compare-pictures.h"

#include <cairo.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

static void
test_labels (void)
{
  static const struct { const char *name; guint room; const char *label; } cases[] = {
    { "main", 10, "main" },
    { "main", 4, "main" },
    { "main", 3, "ma…" },
    { "main", 1, "" },
    { "std::vector<int, std::allocator<int> >::push_back", 40, "std::vector<…>::push_back" },
    { "std::vector<int, std::allocator<int> >::push_back", 20, "std::…::push_back" },
    { "std::vector<int, std::allocator<int> >::push_back", 16, "…push_back" },
    { "std::vector<int, std::allocator<int> >::push_back", 8, "push_ba…" },
    { "ns::operator<< <char>", 16, "…operator<< <…>" },
    { "a->b", 4, "a->b" },
    { "github.com/acme/store.(*Table).Insert", 24, "…acme/store.(…).Insert" },
    { "github.com/acme/store.(*Table).Insert", 8, "…Insert" },
    { "(anonymous namespace)::work(int, char)", 18, "…work(…)" },
    { "main.Map[go.shape.int,go.shape.string]", 12, "main.Map[…]" },
    { "wasm[0]::function[12]", 30, "wasm[0]::function[12]" },
    { "wasm[0]::function[12]", 15, "…function[12]" },
    { "std::collections::hash::map::HashMap<K,V,S>::insert", 26, "std::…::HashMap<…>::insert" },
    { "<alloc::vec::Vec<T> as core::iter::traits::collect::Extend<T>>::extend", 32, "<Vec<…> as Extend<…>>::extend" },
    { "<alloc::vec::Vec<T> as core::iter::traits::collect::Extend<T>>::extend", 20, "<Vec<…>>::extend" },
    { "tokio::runtime::task::harness::poll::{{closure}}", 22, "…poll::{{closure}}" },
    { "leafHot (hot.js:1, optimised)", 29, "leafHot (hot.js:1, optimised)" },
    { "leafHot (hot.js:1, optimised)", 20, "leafHot" },
    { "py::Class.method (server.py)", 20, "py::Class.method" },
    { "main.(*Table).Insert-fm", 18, "main.(…).Insert-fm" },
    { "foo(int)::{lambda(int)#1}::operator()(int) const", 36, "…{lambda(…)#1}::operator()(…) const" },
    { "finish_task_switch.isra.0", 20, "finish_task_switch" },
    { "ext4_fsync_nojournal.constprop.0", 12, "ext4_fsync_…" },
    { "ns::work(int) [clone .part.0]", 14, "ns::work(int)" },
    { "überlänge", 5, "über…" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *label = glow_label_shorten (cases[i].name, cases[i].room);

      g_test_message ("%s in %u: %s", cases[i].name, cases[i].room, label);
      g_assert_true (g_utf8_validate (label, -1, NULL));
      g_assert_cmpint (g_utf8_strlen (label, -1), <=, MAX (cases[i].room, g_utf8_strlen (cases[i].label, -1)));
      g_assert_cmpstr (label, ==, cases[i].label);
    }
}

static GlowCallTree *
load_tree (const char *text, gboolean inverted)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("glow-XXXXXX.folded", &path, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowProfile) profile = NULL;
  g_autoptr(GlowQuery) query = glow_query_new ();

  g_assert_cmpint (fd, >=, 0);
  g_assert_true (g_file_set_contents (path, text, -1, &error));
  profile = glow_profile_load_path (path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_unlink (path);
  g_close (fd, NULL);
  if (inverted)
    {
      GlowQuery *turned = glow_query_with_inverted (query, TRUE);

      glow_query_unref (query);
      query = turned;
    }
  return glow_call_tree_compute (profile, query, NULL, NULL);
}

#define STACKS \
  "main;serve;handle;parse_[j] 40\nmain;serve;handle;std::sort<int*, bool (*)(int, int)> 25\nmain;serve;handle;write_[k];vfs_write_[k];ext4_write_[k] 18\n" \
  "main;serve;accept_[k] 7\nmain;[unknown] 6\nmain;log;inlined_[i] 3\nidle 1\n"

/* Text on every kind of frame in every theme: 4.5, or 7 in high contrast (WCAG 2). */
static void
test_contrast (void)
{
  g_autoptr(GlowCallTree) tree = load_tree (STACKS, FALSE);
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);

  for (guint palette = 0; palette < GLOW_N_PALETTES; palette++)
    for (guint theme = 0; theme < GLOW_N_THEMES; theme++)
      for (guint32 i = 0; i < nodes->n_nodes; i++)
        {
          GlowColor fill, text, again_fill, again_text;

          glow_palette_get_color (palette, theme, tree, nodes->frame[i], &fill, &text);
          glow_palette_get_color (palette, theme, tree, nodes->frame[i], &again_fill, &again_text);
          g_assert_cmpmem (&fill, sizeof fill, &again_fill, sizeof again_fill);
          g_assert_cmpfloat (glow_color_contrast (&fill, &text), >=, theme >= GLOW_THEME_LIGHT_CONTRAST ? 7 : 4.5);
        }
}

typedef struct {
  const char *name;
  GlowPictureOptions options;
  gboolean inverted;
} Scene;

static const Scene scenes[] = {
  { "light", { .width = 500, .title = "light" }, FALSE },
  { "light-2x", { .width = 500, .title = "light", .scale = 2 }, FALSE },
  { "dark-search", { .width = 500, .title = "dark", .theme = GLOW_THEME_DARK, .search = "write" }, FALSE },
  { "dark-search-2x", { .width = 500, .title = "dark", .theme = GLOW_THEME_DARK, .search = "write", .scale = 2 }, FALSE },
  { "icicle-inverted", { .width = 500, .title = "icicle", .icicle = TRUE, .palette = GLOW_PALETTE_HASH, .inverted = TRUE }, TRUE },
  { "icicle-inverted-2x", { .width = 500, .title = "icicle", .icicle = TRUE, .palette = GLOW_PALETTE_HASH, .inverted = TRUE, .scale = 2 }, TRUE },
  { "window", { .width = 500, .title = "zoomed", .from = 0, .to = 0.4 }, FALSE },
};

static void
test_picture (gconstpointer data)
{
  const Scene *scene = data;
  g_autoptr(GlowCallTree) tree = load_tree (STACKS, scene->inverted);
  g_autofree char *name = g_strconcat (scene->name, ".png", NULL), *made = NULL;
  g_autofree char *reference = g_test_build_filename (G_TEST_DIST, "pictures", name, NULL);
  g_autoptr(GError) error = NULL;
  cairo_surface_t *first, *second;
  int fd = g_file_open_tmp ("glow-XXXXXX.png", &made, NULL);

  g_close (fd, NULL);
  g_assert_true (glow_picture_save (tree, made, GLOW_PICTURE_PNG, &scene->options, NULL, &error));
  g_assert_no_error (error);
  if (g_getenv ("GLOW_UPDATE_PICTURES") != NULL)
    {
      g_autofree char *bytes = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (made, &bytes, &length, NULL));
      g_assert_true (g_file_set_contents (reference, bytes, length, NULL));
    }
  first = cairo_image_surface_create_from_png (made);
  second = cairo_image_surface_create_from_png (reference);
  g_assert_cmpint (cairo_surface_status (second), ==, CAIRO_STATUS_SUCCESS);
  g_test_message ("%s: %.4f of the pixels differ", scene->name, picture_difference (first, second));
  /* Letters may be hinted otherwise elsewhere; a frame in another place or colour is far more than this. */
  g_assert_cmpfloat (picture_difference (first, second), <, 0.02);
  cairo_surface_destroy (first);
  cairo_surface_destroy (second);
  g_unlink (made);
}

/* The comparison must be able to fail. */
static void
test_difference (void)
{
  g_autoptr(GlowCallTree) tree = load_tree (STACKS, FALSE), other = load_tree ("main;serve;handle;parse_[j] 40\nmain;log 60\n", FALSE);
  g_autofree char *a = NULL, *b = NULL;
  cairo_surface_t *first, *second;
  GlowPictureOptions options = { .width = 500, .height = 240, .title = "x" };

  g_close (g_file_open_tmp ("glow-XXXXXX.png", &a, NULL), NULL);
  g_close (g_file_open_tmp ("glow-XXXXXX.png", &b, NULL), NULL);
  g_assert_true (glow_picture_save (tree, a, GLOW_PICTURE_PNG, &options, NULL, NULL));
  g_assert_true (glow_picture_save (other, b, GLOW_PICTURE_PNG, &options, NULL, NULL));
  first = cairo_image_surface_create_from_png (a);
  second = cairo_image_surface_create_from_png (b);
  g_assert_cmpfloat (picture_difference (first, second), >, 0.05);
  cairo_surface_destroy (first);
  cairo_surface_destroy (second);
  g_unlink (a);
  g_unlink (b);
}

static void
test_numbers (void)
{
  g_autofree char *count = glow_text_count (1234567), *share = glow_text_share (0.03049), *little = glow_text_share (0.00002);
  g_autofree char *duration = glow_text_duration (18.4e6), *long_duration = glow_text_duration (30e9);
  GlowInterval interval = { 0.021, 0.043 };
  g_autofree char *range = glow_text_interval (&interval);

  g_assert_cmpstr (count, ==, "1\u202f234\u202f567");
  g_assert_cmpstr (share, ==, "3.0\u2009%");
  g_assert_cmpstr (little, ==, "< 0.01\u2009%");
  g_assert_cmpstr (duration, ==, "18.4\u2009ms");
  g_assert_cmpstr (long_duration, ==, "30.0\u2009s");
  g_assert_cmpstr (range, ==, "2.1–4.3\u2009%");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/draw/labels", test_labels);
  g_test_add_func ("/draw/contrast", test_contrast);
  g_test_add_func ("/draw/numbers", test_numbers);
  g_test_add_func ("/draw/difference", test_difference);
  for (guint i = 0; i < G_N_ELEMENTS (scenes); i++)
    {
      g_autofree char *path = g_strconcat ("/draw/picture/", scenes[i].name, NULL);

      g_test_add_data_func (path, &scenes[i], test_picture);
    }
  return g_test_run ();
}
