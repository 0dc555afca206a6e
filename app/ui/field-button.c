/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be asked about the fields of samples: a condition, a weight, a split. The choices are those of the recording's events. */
#include <config.h>

#include "ui/field-button.h"

#include <afterglow/fields.h>
#include <glib/gi18n.h>
#include <string.h>

typedef struct {
  GlowDocument *document;
  GtkWidget *button, *entry, *message, *weight, *split, *known;
  GtkStringList *numbers, *all;   /* names; the first of each stands for none */
  gboolean showing;               /* what is set is not a choice of the user's */
  GlowProfile *profile;           /* (nullable): whose fields are listed */
} Button;

/* "sched_switch:prev_state": events are told apart by what follows their system's name. */
static char *
dup_field_name (const char *event, const char *field)
{
  const char *colon = strchr (event, ':');

  return g_strdup_printf ("%s:%s", colon != NULL ? colon + 1 : event, field);
}

static void
list_fields (Button *self, GlowProfile *profile)
{
  guint32 n_events;
  const GlowEvent *events = glow_profile_get_events (profile, &n_events);
  g_autoptr(GString) words = g_string_new (NULL);

  gtk_string_list_splice (self->numbers, 1, g_list_model_get_n_items (G_LIST_MODEL (self->numbers)) - 1, NULL);
  gtk_string_list_splice (self->all, 1, g_list_model_get_n_items (G_LIST_MODEL (self->all)) - 1, NULL);
  for (guint32 e = 0; e < n_events; e++)
    {
      const char *event = glow_profile_get_string (profile, events[e].name);
      guint n;
      const GlowField *fields = events[e].n_samples > 0 ? glow_profile_get_fields (profile, e, &n) : (n = 0, NULL);
      gboolean any = FALSE;

      for (guint i = 0; i < n; i++)
        {
          g_autofree char *name = dup_field_name (event, fields[i].name), *valid = g_utf8_make_valid (name, -1);

          if (fields[i].is_common)
            continue;
          gtk_string_list_append (self->all, valid);
          if (fields[i].kind <= GLOW_FIELD_SIGNED && !fields[i].is_address && !fields[i].has_words)
            gtk_string_list_append (self->numbers, valid);
          g_string_append_printf (words, "%s%s", any ? ", " : words->len > 0 ? "\n" : "", any ? fields[i].name : valid);
          any = TRUE;
        }
    }
  {
    g_autofree char *valid = g_utf8_make_valid (words->str, -1);

    gtk_label_set_text (GTK_LABEL (self->known), valid);
  }
}

static guint
place_of (GtkStringList *list, const char *name)
{
  for (guint i = 1; name != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      const char *own = gtk_string_list_get_string (list, i), *colon = strrchr (own, ':');

      /* A query may name a field without its event. */
      if (strcmp (own, name) == 0 || strcmp (colon + 1, name) == 0)
        return i;
    }
  return 0;
}

static void
show_query (Button *self)
{
  const GlowQuery *query = glow_document_get_query (self->document);

  self->showing = TRUE;
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->weight), place_of (self->numbers, glow_query_get_weight_field (query)));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->split), place_of (self->all, glow_query_get_split (query)));
  self->showing = FALSE;
}

/* Takes @query; its events become those that have what it names. */
static void
ask (Button *self, GlowQuery *query)
{
  g_autoptr(GlowQuery) own = query;

  if (self->profile != NULL)
    glow_document_set_query (self->document, glow_query_with_fitting_events (own, self->profile));
}

static void
on_condition (Button *self)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  GlowQuery *query;

  if (*text == '\0')
    return;
  query = glow_query_with (glow_document_get_query (self->document), GLOW_QUERY_WHERE, text, &error);
  gtk_label_set_text (GTK_LABEL (self->message), query == NULL ? error->message : "");
  gtk_widget_set_visible (self->message, query == NULL);
  if (query == NULL)
    return;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  ask (self, query);
  gtk_menu_button_popdown (GTK_MENU_BUTTON (self->button));
}

static void
on_weight (Button *self)
{
  const GlowQuery *query = glow_document_get_query (self->document);
  guint chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->weight));
  GlowQuery *next;

  if (self->showing || chosen == GTK_INVALID_LIST_POSITION)
    return;
  next = chosen > 0 ? glow_query_with_weight_field (query, gtk_string_list_get_string (self->numbers, chosen), NULL)
                    : glow_query_with_weight (query, GLOW_WEIGHT_EVENT);
  if (next != NULL)
    ask (self, next);
}

static void
on_split (Button *self)
{
  const GlowQuery *query = glow_document_get_query (self->document);
  guint chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->split));
  GlowQuery *next;

  if (self->showing || chosen == GTK_INVALID_LIST_POSITION)
    return;
  next = chosen > 0 ? glow_query_with_split (query, gtk_string_list_get_string (self->all, chosen), NULL) : glow_query_with_roots (query, GLOW_ROOTS_NONE);
  if (next != NULL)
    ask (self, next);
}

static void
on_changed (Button *self, guint changes)
{
  GlowProfile *profile = glow_document_get_profile (self->document);

  if (changes & (GLOW_CHANGED_PROFILE | GLOW_CHANGED_STATE) && profile != self->profile)
    {
      g_set_object (&self->profile, profile);
      gtk_widget_set_visible (self->button, profile != NULL && glow_profile_has_fields (profile));
      self->showing = TRUE;
      if (gtk_widget_get_visible (self->button))
        list_fields (self, profile);
      self->showing = FALSE;
      show_query (self);
    }
  else if (changes & GLOW_CHANGED_QUERY)
    show_query (self);
}

static void
button_free (gpointer data, GClosure *unused)
{
  Button *self = data;

  g_object_unref (self->document);
  g_clear_object (&self->profile);
  g_object_unref (self->numbers);
  g_object_unref (self->all);
  g_free (self);
}

static void
add_line (GtkWidget *box, const char *title, GtkWidget *widget)
{
  GtkWidget *label = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "heading");
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), widget);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
}

static GtkWidget *
choose_from (GtkStringList *list)
{
  GtkExpression *name = gtk_property_expression_new (GTK_TYPE_STRING_OBJECT, NULL, "string");
  GtkWidget *choice = gtk_drop_down_new (G_LIST_MODEL (g_object_ref (list)), name);

  gtk_drop_down_set_enable_search (GTK_DROP_DOWN (choice), TRUE);
  return choice;
}

GtkWidget *
glow_field_button_new (GlowDocument *document)
{
  Button *self = g_new0 (Button, 1);
  GtkWidget *popover = gtk_popover_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *scrolled = gtk_scrolled_window_new ();
  GClosure *closure;

  self->document = g_object_ref (document);
  self->numbers = gtk_string_list_new ((const char *const[]) { _("as recorded"), NULL });
  self->all = gtk_string_list_new ((const char *const[]) { _("nothing"), NULL });
  self->button = gtk_menu_button_new ();
  self->entry = gtk_entry_new ();
  self->message = gtk_label_new (NULL);
  self->known = gtk_label_new (NULL);
  self->weight = choose_from (self->numbers);
  self->split = choose_from (self->all);
  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->button), _("Fields"));
  gtk_widget_set_tooltip_text (self->button, _("Select, weigh or split by the fields of events"));
  gtk_widget_add_css_class (self->button, "flat");
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->entry), "prev_state & 2 && prev_comm ~ \"kworker*\"");
  gtk_editable_set_width_chars (GTK_EDITABLE (self->entry), 40);
  gtk_label_set_wrap (GTK_LABEL (self->message), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->message), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (self->message), 44);
  gtk_widget_add_css_class (self->message, "error");
  gtk_widget_set_visible (self->message, FALSE);
  gtk_label_set_wrap (GTK_LABEL (self->known), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->known), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (self->known), 0);
  gtk_label_set_yalign (GTK_LABEL (self->known), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (self->known), 44);
  gtk_label_set_selectable (GTK_LABEL (self->known), TRUE);
  gtk_widget_add_css_class (self->known, "dim-label");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->known);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scrolled), 160);
  gtk_widget_add_css_class (box, "field-box");
  add_line (box, _("Only samples where"), self->entry);
  gtk_box_append (GTK_BOX (box), self->message);
  add_line (box, _("What samples weigh"), self->weight);
  add_line (box, _("First row by"), self->split);
  add_line (box, _("Fields of this recording"), scrolled);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->button), popover);
  gtk_widget_set_visible (self->button, FALSE);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (on_condition), self);
  g_signal_connect_swapped (self->weight, "notify::selected", G_CALLBACK (on_weight), self);
  g_signal_connect_swapped (self->split, "notify::selected", G_CALLBACK (on_split), self);
  closure = g_cclosure_new_swap (G_CALLBACK (on_changed), self, button_free);
  g_object_watch_closure (G_OBJECT (self->button), closure);
  g_signal_connect_closure (document, "changed", closure, FALSE);
  return self->button;
}
