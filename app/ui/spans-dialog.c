/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spans between any two events. */
#include <config.h>

#include <adwaita.h>

#include "ui/job.h"
#include "ui/spans-dialog.h"

#include <afterglow/fields.h>
#include <afterglow/latency.h>
#include <afterglow/text.h>
#include <glib/gi18n.h>
#include <string.h>

typedef struct {
  GlowDocument *document;
  GlowProfile *profile;
  GlowLatencyView *latency;
  GtkWidget *window, *begin, *end, *key, *words, *count, *show;
  GArray *events;              /* of guint32: those with samples, as they are listed */
  GPtrArray *keys;             /* of char*: as a query has them, as they are listed */
  char *id;                    /* of what is chosen; (nullable) */
  GlowJobSlot job;
} Dialog;

static void
dialog_free (gpointer data)
{
  Dialog *self = data;

  glow_job_cancel (&self->job);
  g_object_unref (self->document);
  g_object_unref (self->profile);
  g_object_unref (self->latency);
  g_array_unref (self->events);
  g_ptr_array_unref (self->keys);
  g_free (self->id);
  g_free (self);
}

static guint32
chosen_event (Dialog *self, GtkWidget *choice)
{
  guint place = gtk_drop_down_get_selected (GTK_DROP_DOWN (choice));

  return place < self->events->len ? g_array_index (self->events, guint32, place) : GLOW_NONE;
}

/* ---- counting ---- */

typedef struct { GlowProfile *profile; char *id; } Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_object_unref (request->profile);
  g_free (request->id);
  g_free (request);
}

static gpointer
compute (gpointer data, GCancellable *cancellable, GError **error)
{
  const Request *request = data;

  return glow_spans_compute (request->profile, request->id, cancellable, error);
}

static void
counted (gpointer owner, gpointer result, const GError *error)
{
  Dialog *self = g_object_get_data (owner, "glow-dialog");
  g_autoptr(GlowSpans) spans = result;
  g_autofree char *pairs = NULL, *starts = NULL, *ends = NULL, *cut = NULL, *median = NULL;
  g_autoptr(GString) text = g_string_new (NULL);

  gtk_widget_set_sensitive (self->show, spans != NULL && spans->n_whole > 0);
  if (spans == NULL)
    {
      gtk_label_set_text (GTK_LABEL (self->count), error != NULL ? error->message : "");
      return;
    }
  pairs = glow_text_count (spans->n_whole);
  starts = glow_text_count (spans->unpaired_starts);
  ends = glow_text_count (spans->unpaired_ends);
  cut = glow_text_count (spans->n_censored);
  g_string_append_printf (text, ngettext ("%s pair", "%s pairs", spans->n_whole), pairs);
  if (spans->n_whole > 0)
    {
      median = glow_text_duration ((double) spans->sorted[spans->n_whole / 2]);
      g_string_append_printf (text, _(", half of them up to %s"), median);
    }
  g_string_append_printf (text, _(" · unpaired: %s beginnings, %s ends"), starts, ends);
  if (spans->n_censored > 0)
    g_string_append_printf (text, ngettext (" · %s cut by an edge", " · %s cut by the edges", spans->n_censored), cut);
  gtk_label_set_text (GTK_LABEL (self->count), text->str);
}

static void
on_choice (Dialog *self)
{
  guint32 begin = chosen_event (self, self->begin), end = chosen_event (self, self->end);
  const GlowEvent *events = glow_profile_get_events (self->profile, NULL);
  guint place = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->key));
  g_autofree char *quoted = NULL, *words = NULL;
  Request *request;

  if (begin == GLOW_NONE || end == GLOW_NONE || place >= self->keys->len)
    return;
  g_free (self->id);
  self->id = g_strdup_printf ("%s..%s:key=%s", glow_profile_get_string (self->profile, events[begin].name), glow_profile_get_string (self->profile, events[end].name),
                              (const char *) g_ptr_array_index (self->keys, place));
  quoted = g_shell_quote (self->id);
  words = g_strdup_printf ("--spans %s", quoted);
  gtk_label_set_text (GTK_LABEL (self->words), words);
  gtk_label_set_text (GTK_LABEL (self->count), _("Counting\xe2\x80\xa6"));
  gtk_widget_set_sensitive (self->show, FALSE);
  request = g_new0 (Request, 1);
  *request = (Request) { g_object_ref (self->profile), g_strdup (self->id) };
  glow_job_start (&self->job, self->window, compute, request, request_free, (GDestroyNotify) glow_spans_unref, counted);
}

/* ---- what can be chosen ---- */

static gboolean
has_number (GlowProfile *profile, guint32 event, const char *name)
{
  guint n;
  const GlowField *fields = glow_profile_get_fields (profile, event, &n);

  for (guint i = 0; fields != NULL && i < n; i++)
    if (strcmp (fields[i].name, name) == 0)
      return fields[i].kind <= GLOW_FIELD_SIGNED;
  return FALSE;
}

/* The thread, the CPU, and every number that both events have. */
static void
list_keys (Dialog *self)
{
  guint32 begin = chosen_event (self, self->begin), end = chosen_event (self, self->end);
  GtkStringList *labels = gtk_string_list_new (NULL);
  const GlowField *fields = NULL;
  guint n = 0;

  g_ptr_array_set_size (self->keys, 0);
  g_ptr_array_add (self->keys, g_strdup ("tid"));
  gtk_string_list_append (labels, _("The thread (tid)"));
  if (glow_profile_get_samples (self->profile)->cpu != NULL)
    {
      g_ptr_array_add (self->keys, g_strdup ("cpu"));
      gtk_string_list_append (labels, _("The CPU (cpu)"));
    }
  if (begin != GLOW_NONE && end != GLOW_NONE && glow_profile_has_fields (self->profile))
    fields = glow_profile_get_fields (self->profile, begin, &n);
  for (guint i = 0; fields != NULL && i < n; i++)
    if (!fields[i].is_common && fields[i].kind <= GLOW_FIELD_SIGNED && has_number (self->profile, end, fields[i].name))
      {
        g_autofree char *label = g_strdup_printf (_("The field %s"), fields[i].name);

        g_ptr_array_add (self->keys, g_strdup (fields[i].name));
        gtk_string_list_append (labels, label);
      }
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->key), G_LIST_MODEL (labels));
  g_object_unref (labels);
}

static void
on_event (Dialog *self)
{
  list_keys (self);
  on_choice (self);
}

static void
on_show (Dialog *self)
{
  if (self->id != NULL)
    glow_latency_view_set_kind (self->latency, self->id);
  gtk_window_destroy (GTK_WINDOW (self->window));
}

/* ---- making ---- */

static GtkWidget *
new_choice (GListModel *model)
{
  GtkWidget *choice = gtk_drop_down_new (g_object_ref (model), gtk_property_expression_new (GTK_TYPE_STRING_OBJECT, NULL, "string"));

  gtk_drop_down_set_enable_search (GTK_DROP_DOWN (choice), TRUE);
  gtk_widget_set_hexpand (choice, TRUE);
  return choice;
}

static void
add_line (GtkGrid *grid, int row, const char *title, GtkWidget *widget)
{
  GtkWidget *label = gtk_label_new_with_mnemonic (title);
  g_autofree char *name = g_strdup (title);
  char *mark = strchr (name, '_');

  if (mark != NULL)
    memmove (mark, mark + 1, strlen (mark));
  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), widget);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_grid_attach (grid, label, 0, row, 1, 1);
  gtk_grid_attach (grid, widget, 1, row, 1, 1);
}

static GtkWidget *
new_label (const char *class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 60);
  gtk_widget_add_css_class (label, class);
  return label;
}

static void
build (Dialog *self, GtkStringList *names)
{
  GtkWidget *header = adw_header_bar_new (), *outer = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *grid = gtk_grid_new (), *cancel = gtk_button_new_with_mnemonic (_("_Cancel"));

  self->begin = new_choice (G_LIST_MODEL (names));
  self->end = new_choice (G_LIST_MODEL (names));
  self->key = new_choice (G_LIST_MODEL (names));
  self->words = new_label ("monospace");
  self->count = new_label ("numeric");
  self->show = gtk_button_new_with_mnemonic (_("_Show Spans"));
  gtk_label_set_selectable (GTK_LABEL (self->words), TRUE);
  gtk_widget_add_css_class (self->show, "suggested-action");
  gtk_widget_add_css_class (box, "spans-dialog");
  gtk_grid_set_row_spacing (GTK_GRID (grid), 8);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  add_line (GTK_GRID (grid), 0, _("_Begins with"), self->begin);
  add_line (GTK_GRID (grid), 1, _("_Ends with"), self->end);
  add_line (GTK_GRID (grid), 2, _("Both _have the same"), self->key);
  gtk_box_append (GTK_BOX (box), grid);
  gtk_box_append (GTK_BOX (box), self->count);
  gtk_box_append (GTK_BOX (box), self->words);
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->show);
  gtk_box_append (GTK_BOX (outer), header);
  gtk_box_append (GTK_BOX (outer), box);
  adw_window_set_content (ADW_WINDOW (self->window), outer);
  gtk_window_set_default_widget (GTK_WINDOW (self->window), self->show);
  g_signal_connect_swapped (cancel, "clicked", G_CALLBACK (gtk_window_destroy), self->window);
  g_signal_connect_swapped (self->show, "clicked", G_CALLBACK (on_show), self);
}

/* The first two events that are not clocks are a better guess than the first two. */
static void
guess (Dialog *self)
{
  const GlowEvent *events = glow_profile_get_events (self->profile, NULL);
  guint found[2] = { 0, MIN (1, self->events->len - 1) }, n = 0;

  for (guint i = 0; i < self->events->len && n < 2; i++)
    if (events[g_array_index (self->events, guint32, i)].is_tracepoint)
      found[n++] = i;
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->begin), found[0]);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->end), found[1]);
}

static gboolean
on_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, gpointer window)
{
  if (key != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  gtk_window_destroy (window);
  return GDK_EVENT_STOP;
}

void
glow_spans_dialog_show (GtkWindow *parent, GlowDocument *document, GlowLatencyView *latency)
{
  GlowProfile *profile = glow_document_get_profile (document);
  g_autoptr(GtkStringList) names = gtk_string_list_new (NULL);
  GtkEventController *keys = gtk_event_controller_key_new ();
  Dialog *self;
  guint32 n;
  const GlowEvent *events;

  if (profile == NULL)
    return;
  self = g_new0 (Dialog, 1);
  self->document = g_object_ref (document);
  self->profile = g_object_ref (profile);
  self->latency = g_object_ref (latency);
  self->events = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->keys = g_ptr_array_new_with_free_func (g_free);
  events = glow_profile_get_events (profile, &n);
  for (guint32 e = 0; e < n; e++)
    if (events[e].n_samples > 0)
      {
        g_autofree char *name = g_utf8_make_valid (glow_profile_get_string (profile, events[e].name), -1);

        g_array_append_val (self->events, e);
        gtk_string_list_append (names, name);
      }
  self->window = g_object_new (ADW_TYPE_WINDOW, "transient-for", parent, "modal", TRUE, "title", _("Spans between Two Events"), "default-width", 560, NULL);
  g_object_set_data_full (G_OBJECT (self->window), "glow-dialog", self, dialog_free);
  build (self, names);
  if (self->events->len > 0)
    {
      guess (self);
      list_keys (self);
      on_choice (self);
    }
  g_signal_connect_swapped (self->begin, "notify::selected", G_CALLBACK (on_event), self);
  g_signal_connect_swapped (self->end, "notify::selected", G_CALLBACK (on_event), self);
  g_signal_connect_swapped (self->key, "notify::selected", G_CALLBACK (on_choice), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), self->window);
  gtk_widget_add_controller (self->window, keys);
  gtk_window_present (GTK_WINDOW (self->window));
}
