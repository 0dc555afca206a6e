/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sidebar lists. Weights come from breakdowns computed in a worker when the tree or the query changes. */
#include <config.h>

#include "ui/job.h"
#include "ui/look.h"
#include "ui/sidebar-list.h"

#include <glib/gi18n.h>
#include <string.h>

#define SHOWN_AT_FIRST 8       /* of processes, modules, CPUs, containers */

struct _GlowSidebarRow {
  GObject parent_instance;
  GlowSidebarItem item;
};

G_DEFINE_FINAL_TYPE (GlowSidebarRow, glow_sidebar_row, G_TYPE_OBJECT)

static void
item_clear (gpointer data)
{
  GlowSidebarItem *item = data;

  g_free (item->value);
  g_free (item->label);
  g_free (item->detail);
  g_free (item->tooltip);
}

const GlowSidebarItem *
glow_sidebar_row_get (GlowSidebarRow *self)
{
  return &self->item;
}

static void
glow_sidebar_row_finalize (GObject *object)
{
  item_clear (&GLOW_SIDEBAR_ROW (object)->item);
  G_OBJECT_CLASS (glow_sidebar_row_parent_class)->finalize (object);
}

static void
glow_sidebar_row_class_init (GlowSidebarRowClass *class)
{
  G_OBJECT_CLASS (class)->finalize = glow_sidebar_row_finalize;
}

static void
glow_sidebar_row_init (GlowSidebarRow *self)
{
}

#define N_BREAKDOWNS (GLOW_BREAKDOWN_KIND + 1)

typedef struct {
  GlowProfile *profile;        /* the tree's */
  GArray *rows[N_BREAKDOWNS];
  GlowCallTree *tree;
  guint64 weight;              /* of all processes together: what shares are of */
  guint64 kind_weight, module_weight;   /* the same without choosing by kind, by module: what shares of those are of */
} Answer;

struct _GlowSidebarList {
  GObject parent_instance;
  GlowDocument *document;
  GArray *items;               /* of GlowSidebarItem */
  Answer *answer;              /* (nullable) */
  GHashTable *unfolded;        /* pids, and kinds whose whole list is wanted as −1 − kind */
  GlowJobSlot job;
};

static GType
get_item_type (GListModel *model)
{
  return GLOW_TYPE_SIDEBAR_ROW;
}

static guint
get_n_items (GListModel *model)
{
  return GLOW_SIDEBAR_LIST (model)->items->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GlowSidebarList *self = GLOW_SIDEBAR_LIST (model);
  const GlowSidebarItem *item;
  GlowSidebarRow *row;

  if (position >= self->items->len)
    return NULL;
  item = &g_array_index (self->items, GlowSidebarItem, position);
  row = g_object_new (GLOW_TYPE_SIDEBAR_ROW, NULL);
  row->item = *item;
  row->item.value = g_strdup (item->value);
  row->item.label = g_strdup (item->label);
  row->item.detail = g_strdup (item->detail);
  row->item.tooltip = g_strdup (item->tooltip);
  return row;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (GlowSidebarList, glow_sidebar_list, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

/* ---- filling ---- */

static gboolean
is_unfolded (GlowSidebarList *self, int key)
{
  return g_hash_table_contains (self->unfolded, GINT_TO_POINTER (key));
}

/* The GArray takes what the item owns. */
static GlowSidebarItem *
add (GlowSidebarList *self, GlowSidebarKind kind, guint32 index, char *label)
{
  GlowSidebarItem item = { .kind = kind, .index = index, .field = GLOW_N_QUERY_FIELDS, .label = label, .share = -1 };

  g_array_append_val (self->items, item);
  return &g_array_index (self->items, GlowSidebarItem, self->items->len - 1);
}

static void
add_heading (GlowSidebarList *self, const char *title, char *detail)
{
  add (self, GLOW_SIDEBAR_HEADING, 0, g_strdup (title))->detail = detail;
}

static void
set_term (GlowSidebarList *self, GlowSidebarItem *item, GlowQueryField field, char *value)
{
  item->field = field;
  item->value = value;
  item->chosen = glow_query_has_term (glow_document_get_query (self->document), field, value);
}

static double
share_of (guint64 weight, guint64 all)
{
  return all > 0 ? (double) weight / all : 0;
}

static char *
display (GlowSidebarList *self, guint32 string)
{
  return glow_strings_dup_display (glow_profile_get_strings (self->answer->profile), string);
}

static void
add_events (GlowSidebarList *self)
{
  GArray *rows = self->answer->rows[GLOW_BREAKDOWN_EVENT];
  const GlowQuery *query = glow_document_get_query (self->document);
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (self->answer->profile, &n);
  GlowCallTree *tree = glow_document_get_tree (self->document);
  gboolean is_answer = tree != NULL && glow_call_tree_get_profile (tree) == self->answer->profile
                       && glow_query_equal (glow_call_tree_get_query (tree), query) && glow_call_tree_get_base (tree)->samples > 0;
  guint chosen = 0, place;

  add_heading (self, _("Event"), NULL);
  place = self->items->len - 1;
  for (guint i = 0; i < rows->len; i++)
    {
      const GlowBreakdownRow *row = &g_array_index (rows, GlowBreakdownRow, i);
      const char *name = glow_profile_get_string (self->answer->profile, events[row->index].name);
      GlowSidebarItem *item = add (self, GLOW_SIDEBAR_EVENT, row->index, display (self, events[row->index].name));

      item->detail = glow_text_count (row->samples);
      set_term (self, item, GLOW_QUERY_EVENT, g_strdup (name));
      /* Waits are weighed at switches, whatever event is the main one: what is in the answer is what is chosen. */
      if (!glow_query_has_term (query, GLOW_QUERY_EVENT, NULL))
        item->chosen = is_answer ? glow_call_tree_has_event (tree, row->index) : row->index == glow_profile_get_main_event (self->answer->profile);
      chosen += item->chosen;
    }
  g_array_index (self->items, GlowSidebarItem, place).detail = g_strdup_printf (_("%u of %u"), chosen, rows->len);
}

static void
add_more (GlowSidebarList *self, GlowSidebarKind kind, guint left)
{
  g_autofree char *count = glow_text_count (left);
  GlowSidebarItem *item = add (self, GLOW_SIDEBAR_MORE, kind, is_unfolded (self, -1 - (int) kind)
                                                                ? g_strdup (_("Show fewer"))
                                                                : g_strdup_printf (ngettext ("and %s more", "and %s more", left), count));

  item->unfolded = is_unfolded (self, -1 - (int) kind);
}

static void
add_threads (GlowSidebarList *self, guint32 process)
{
  GArray *rows = self->answer->rows[GLOW_BREAKDOWN_THREAD];
  const GlowThread *threads = glow_profile_get_threads (self->answer->profile, NULL);

  for (guint i = 0; i < rows->len; i++)
    {
      const GlowBreakdownRow *row = &g_array_index (rows, GlowBreakdownRow, i);
      const GlowThread *thread = &threads[row->index];
      g_autofree char *comm = NULL;
      GlowSidebarItem *item;

      if (thread->process != process)
        continue;
      comm = display (self, thread->comm);
      item = add (self, GLOW_SIDEBAR_THREAD, row->index, g_strdup_printf ("%s %d", comm, thread->tid));
      item->share = share_of (row->weight, self->answer->weight);
      set_term (self, item, GLOW_QUERY_TID, g_strdup_printf ("%d", thread->tid));
    }
}

static guint
count_threads (GlowSidebarList *self, guint32 process)
{
  GArray *rows = self->answer->rows[GLOW_BREAKDOWN_THREAD];
  const GlowThread *threads = glow_profile_get_threads (self->answer->profile, NULL);
  guint n = 0;

  for (guint i = 0; i < rows->len && n < 2; i++)
    n += threads[g_array_index (rows, GlowBreakdownRow, i).index].process == process;
  return n;
}

static void
add_processes (GlowSidebarList *self)
{
  GArray *rows = self->answer->rows[GLOW_BREAKDOWN_PROCESS];
  const GlowProcess *processes = glow_profile_get_processes (self->answer->profile, NULL);
  guint shown = is_unfolded (self, -1 - GLOW_SIDEBAR_PROCESS) ? rows->len : MIN (rows->len, SHOWN_AT_FIRST);

  if (rows->len == 0 || (rows->len == 1 && processes[g_array_index (rows, GlowBreakdownRow, 0).index].pid < 0))
    return;
  add_heading (self, _("Processes and threads"), rows->len > 1 ? glow_text_count (rows->len) : NULL);
  for (guint i = 0; i < shown; i++)
    {
      const GlowBreakdownRow *row = &g_array_index (rows, GlowBreakdownRow, i);
      const GlowProcess *process = &processes[row->index];
      g_autofree char *comm = display (self, process->comm);
      GlowSidebarItem *item = add (self, GLOW_SIDEBAR_PROCESS, row->index,
                                   process->pid >= 0 ? g_strdup_printf ("%s %d", comm, process->pid) : g_strdup (comm));

      if (process->origin != 0)
        {
          g_autofree char *plain = item->label, *origin = display (self, process->origin);

          item->label = g_strdup_printf (_("%s (%s)"), plain, origin);
        }

      item->share = share_of (row->weight, self->answer->weight);
      if (process->pid >= 0)
        set_term (self, item, GLOW_QUERY_PID, g_strdup_printf ("%d", process->pid));
      item->can_unfold = count_threads (self, row->index) > 1;
      /* What is chosen deeper down is not to be hidden. */
      item->unfolded = item->can_unfold && is_unfolded (self, process->pid);
      if (item->unfolded)
        add_threads (self, row->index);
    }
  if (rows->len > SHOWN_AT_FIRST)
    add_more (self, GLOW_SIDEBAR_PROCESS, rows->len - SHOWN_AT_FIRST);
}

static int
compare_cpu (gconstpointer a, gconstpointer b)
{
  const GlowBreakdownRow *first = a, *second = b;

  return first->index < second->index ? -1 : first->index > second->index;
}

static void
add_cpus (GlowSidebarList *self)
{
  GArray *rows = self->answer->rows[GLOW_BREAKDOWN_CPU];
  guint shown = is_unfolded (self, -1 - GLOW_SIDEBAR_CPU) ? rows->len : MIN (rows->len, SHOWN_AT_FIRST);

  if (rows->len < 2)
    return;
  if (shown == rows->len)
    g_array_sort (rows, compare_cpu);
  add_heading (self, _("CPUs"), glow_text_count (rows->len));
  for (guint i = 0; i < shown; i++)
    {
      const GlowBreakdownRow *row = &g_array_index (rows, GlowBreakdownRow, i);
      GlowSidebarItem *item = add (self, GLOW_SIDEBAR_CPU, row->index, g_strdup_printf (_("CPU %u"), row->index));

      item->share = share_of (row->weight, self->answer->weight);
      set_term (self, item, GLOW_QUERY_CPU, g_strdup_printf ("%u", row->index));
    }
  if (rows->len > SHOWN_AT_FIRST)
    add_more (self, GLOW_SIDEBAR_CPU, rows->len - SHOWN_AT_FIRST);
}

/* The paths of control groups that go by one name, and how they are known. (transfer full) */
static char *
dup_cgroup_tooltip (GlowSidebarList *self, guint32 name)
{
  guint32 n;
  const GlowThread *threads = glow_profile_get_threads (self->answer->profile, &n);
  g_autoptr(GHashTable) seen = g_hash_table_new (NULL, NULL);
  GString *text = g_string_new (NULL);
  gboolean at_opening = FALSE;

  for (guint32 t = 0; t < n; t++)
    if (threads[t].cgroup_name == name)
      {
        at_opening |= threads[t].cgroup_at_opening;
        if (!g_hash_table_add (seen, GUINT_TO_POINTER (threads[t].cgroup)))
          continue;
        if (g_hash_table_size (seen) <= 8)
          {
            g_autofree char *path = display (self, threads[t].cgroup);

            g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", path);
          }
      }
  if (g_hash_table_size (seen) > 8)
    g_string_append_printf (text, ngettext ("\nand %u more", "\nand %u more", g_hash_table_size (seen) - 8), g_hash_table_size (seen) - 8);
  if (at_opening)
    g_string_append_printf (text, "\n%s", _("As of opening: the recording does not say it"));
  return g_string_free (text, FALSE);
}

static void
add_strings (GlowSidebarList *self, GlowBreakdownKind breakdown, GlowSidebarKind kind, GlowQueryField field, const char *title)
{
  GArray *rows = self->answer->rows[breakdown];
  guint shown = is_unfolded (self, -1 - (int) kind) ? rows->len : MIN (rows->len, SHOWN_AT_FIRST);
  const GlowModule *modules = glow_profile_get_modules (self->answer->profile, NULL);
  guint n = 0;

  for (guint i = 0; i < rows->len; i++)
    n += kind == GLOW_SIDEBAR_MODULE || g_array_index (rows, GlowBreakdownRow, i).index != 0;
  if (n == 0 || (kind == GLOW_SIDEBAR_CGROUP && n < 2))
    return;
  add_heading (self, title, glow_text_count (n));
  for (guint i = 0; i < shown; i++)
    {
      const GlowBreakdownRow *row = &g_array_index (rows, GlowBreakdownRow, i);
      guint32 string = kind == GLOW_SIDEBAR_MODULE ? modules[row->index].name : row->index;
      GlowSidebarItem *item;

      if (string == 0)
        continue;
      item = add (self, kind, row->index, display (self, string));
      item->share = share_of (row->weight, kind == GLOW_SIDEBAR_MODULE ? self->answer->module_weight : self->answer->weight);
      if (kind == GLOW_SIDEBAR_CGROUP)
        {
          /* There is little room: the innermost of what it is in. All of it is told on a closer look. */
          g_autofree char *whole = item->label, *more = dup_cgroup_tooltip (self, string);
          const char *inner = g_strrstr (whole, " › ");

          item->label = g_strdup (inner != NULL ? inner + strlen (" › ") : whole);
          item->tooltip = g_strdup_printf ("%s\n%s", whole, more);
        }
      set_term (self, item, field, glow_query_escape_glob (glow_profile_get_string (self->answer->profile, string)));
    }
  if (rows->len > SHOWN_AT_FIRST)
    add_more (self, kind, rows->len - SHOWN_AT_FIRST);
}

static guint32
pack_color (GlowColor color)
{
  return (guint32) (guint8) (color.red * 255) << 16 | (guint32) (guint8) (color.green * 255) << 8 | (guint8) (color.blue * 255);
}

/* Kinds, or roles: what there is to choose from, and the legend where frames are coloured by it. */
static void
add_kinds (GlowSidebarList *self, gboolean roles)
{
  GArray *rows = self->answer->rows[GLOW_BREAKDOWN_KIND];
  gboolean coloured = glow_look_get_palette () == (roles ? GLOW_PALETTE_ROLE : GLOW_PALETTE_KIND), any = FALSE;

  for (guint i = 0; i < rows->len; i++)
    {
      const GlowBreakdownRow *row = &g_array_index (rows, GlowBreakdownRow, i);
      guint kind = row->index, role = row->index - GLOW_N_FRAME_KINDS;
      GlowSidebarItem *item;

      if ((row->index >= GLOW_N_FRAME_KINDS) != roles)
        continue;
      if (!any)
        add_heading (self, roles ? _("What it does") : _("Kinds of code"), coloured ? g_strdup (_("in colour")) : NULL);
      any = TRUE;
      item = add (self, GLOW_SIDEBAR_KIND, row->index, g_strdup (roles ? glow_role_get_label (role) : glow_frame_kind_get_label (kind)));
      item->share = share_of (row->weight, self->answer->kind_weight);
      item->has_color = coloured;
      item->color = pack_color (roles ? glow_palette_get_role_color (role) : glow_palette_get_kind_color (kind));
      set_term (self, item, GLOW_QUERY_KIND, g_strdup (roles ? glow_role_get_id (role) : glow_frame_kind_get_id (kind)));
    }
}

static void
refill (GlowSidebarList *self)
{
  guint before = self->items->len;

  g_array_set_size (self->items, 0);
  if (self->answer != NULL && glow_document_get_tree (self->document) != NULL)
    {
      add_events (self);
      add_processes (self);
      add_strings (self, GLOW_BREAKDOWN_CGROUP, GLOW_SIDEBAR_CGROUP, GLOW_QUERY_CGROUP, _("Containers"));
      add_cpus (self);
      add_strings (self, GLOW_BREAKDOWN_MODULE, GLOW_SIDEBAR_MODULE, GLOW_QUERY_MODULE, _("Modules"));
      add_kinds (self, FALSE);
      add_kinds (self, TRUE);
      /* Other colours only tell neighbours apart. */
      if (glow_look_get_palette () != GLOW_PALETTE_KIND && glow_look_get_palette () != GLOW_PALETTE_ROLE)
        add_heading (self, _("Colour by"), g_strdup (glow_palette_get_label (glow_look_get_palette ())));
    }
  g_list_model_items_changed (G_LIST_MODEL (self), 0, before, self->items->len);
}

/* ---- the worker ---- */

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  for (guint i = 0; i < N_BREAKDOWNS; i++)
    g_clear_pointer (&answer->rows[i], g_array_unref);
  glow_call_tree_unref (answer->tree);
  g_free (answer);
}

/* All that would be shown without the query's terms of @field, whose alternatives are not parts of what is. */
static guint64
weigh_without (const Answer *self, GlowQueryField field, GCancellable *cancellable)
{
  const GlowQuery *query = glow_call_tree_get_query (self->tree);
  g_autoptr(GlowQuery) less = NULL;
  GArray *rows;
  guint64 weight = 0;

  if (!glow_query_has_term (query, field, NULL))
    return self->weight;
  less = glow_query_without (query, field, NULL);
  rows = glow_breakdown_compute (self->profile, less, self->rows[GLOW_BREAKDOWN_PROCESS]->len > 0 ? GLOW_BREAKDOWN_PROCESS : GLOW_BREAKDOWN_EVENT,
                                 cancellable, NULL);
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    if (self->rows[GLOW_BREAKDOWN_PROCESS]->len > 0 || glow_call_tree_has_event (self->tree, g_array_index (rows, GlowBreakdownRow, i).index))
      weight += g_array_index (rows, GlowBreakdownRow, i).weight;
  g_clear_pointer (&rows, g_array_unref);
  return weight;
}

static gpointer
compute (gpointer data, GCancellable *cancellable, GError **error)
{
  Answer *request = data, *answer = g_new0 (Answer, 1);

  answer->tree = glow_call_tree_ref (request->tree);
  answer->profile = glow_call_tree_get_profile (answer->tree);
  for (guint i = 0; i < N_BREAKDOWNS; i++)
    {
      answer->rows[i] = glow_breakdown_compute (answer->profile, glow_call_tree_get_query (answer->tree), i, cancellable, error);
      if (answer->rows[i] == NULL)
        {
          answer_free (answer);
          return NULL;
        }
    }
  for (guint i = 0; i < answer->rows[GLOW_BREAKDOWN_EVENT]->len; i++)
    {
      /* Of the events that are shown: all processes together, or where there are none, the event itself. */
      const GlowBreakdownRow *row = &g_array_index (answer->rows[GLOW_BREAKDOWN_EVENT], GlowBreakdownRow, i);

      if (glow_call_tree_has_event (answer->tree, row->index))
        answer->weight += row->weight;
    }
  if (answer->rows[GLOW_BREAKDOWN_PROCESS]->len > 0)
    answer->weight = 0;
  for (guint i = 0; i < answer->rows[GLOW_BREAKDOWN_PROCESS]->len; i++)
    answer->weight += g_array_index (answer->rows[GLOW_BREAKDOWN_PROCESS], GlowBreakdownRow, i).weight;
  answer->kind_weight = weigh_without (answer, GLOW_QUERY_KIND, cancellable);
  answer->module_weight = weigh_without (answer, GLOW_QUERY_MODULE, cancellable);
  return answer;
}

static void
computed (gpointer owner, gpointer result, const GError *error)
{
  GlowSidebarList *self = owner;

  if (result == NULL)
    return;
  g_clear_pointer (&self->answer, answer_free);
  self->answer = result;
  refill (self);
}

static void
on_changed (GlowDocument *document, guint changes, gpointer data)
{
  GlowSidebarList *self = data;
  GlowCallTree *tree = glow_document_get_tree (document);
  Answer *request;

  if (!(changes & GLOW_CHANGED_TREE))
    {
      if ((changes & GLOW_CHANGED_STATE) && tree == NULL)
        refill (self);
      return;
    }
  request = g_new0 (Answer, 1);
  request->tree = glow_call_tree_ref (tree);
  glow_job_start (&self->job, self, compute, request, answer_free, answer_free, computed);
}

void
glow_sidebar_list_unfold (GlowSidebarList *self, const GlowSidebarItem *item)
{
  int key = item->kind == GLOW_SIDEBAR_MORE ? -1 - (int) item->index
                                            : glow_profile_get_processes (self->answer->profile, NULL)[item->index].pid;

  if (!g_hash_table_remove (self->unfolded, GINT_TO_POINTER (key)))
    g_hash_table_add (self->unfolded, GINT_TO_POINTER (key));
  refill (self);
}

GlowSidebarList *
glow_sidebar_list_new (GlowDocument *document)
{
  GlowSidebarList *self = g_object_new (GLOW_TYPE_SIDEBAR_LIST, NULL);

  self->document = g_object_ref (document);
  g_signal_connect_object (document, "changed", G_CALLBACK (on_changed), self, 0);
  g_signal_connect_object (glow_look_get_settings (), "changed::palette", G_CALLBACK (refill), self, G_CONNECT_SWAPPED);
  return self;
}

static void
glow_sidebar_list_dispose (GObject *object)
{
  GlowSidebarList *self = GLOW_SIDEBAR_LIST (object);

  glow_job_cancel (&self->job);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (glow_sidebar_list_parent_class)->dispose (object);
}

static void
glow_sidebar_list_finalize (GObject *object)
{
  GlowSidebarList *self = GLOW_SIDEBAR_LIST (object);

  g_clear_pointer (&self->answer, answer_free);
  g_array_unref (self->items);
  g_hash_table_unref (self->unfolded);
  G_OBJECT_CLASS (glow_sidebar_list_parent_class)->finalize (object);
}

static void
glow_sidebar_list_class_init (GlowSidebarListClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_sidebar_list_dispose;
  G_OBJECT_CLASS (class)->finalize = glow_sidebar_list_finalize;
}

static void
glow_sidebar_list_init (GlowSidebarList *self)
{
  self->items = g_array_new (FALSE, TRUE, sizeof (GlowSidebarItem));
  g_array_set_clear_func (self->items, item_clear);
  self->unfolded = g_hash_table_new (NULL, NULL);
}
