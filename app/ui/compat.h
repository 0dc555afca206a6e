/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

/* What newer GTK and libadwaita do otherwise. Deprecated calls are in compat.c and nowhere else. */

/* @paths: NULL-terminated, empty where the dialog was dismissed. */
typedef void (*GlowFilesChosen) (gpointer data, const char *const *paths);
typedef enum { GLOW_CHOOSE_FILES, GLOW_CHOOSE_FOLDER, GLOW_CHOOSE_SAVE } GlowChooseMode;

typedef struct {
  GlowChooseMode mode;
  const char *title;
  const char *accept;          /* label of the button; (nullable) */
  const char *name;            /* proposed, for saving; (nullable) */
  const char *const *filters;  /* label, pattern, label, pattern, …, NULL; (nullable) */
} GlowChooseOptions;

void       glow_compat_choose_files (GtkWindow *parent, const GlowChooseOptions *options, GlowFilesChosen chosen, gpointer data);

/* @responses: id, label, id, label, …, NULL; the first is what closing means. */
typedef void (*GlowAnswered) (gpointer data, const char *response);
void       glow_compat_ask         (GtkWindow *parent, const char *heading, const char *body, const char *const *responses, GlowAnswered answered,
                                    gpointer data);
void       glow_compat_about       (GtkWindow *parent);
void       glow_compat_shortcuts   (GtkWindow *parent);
/* A window of preference pages; show it with gtk_window_present(). */
GtkWindow *glow_compat_preferences (GtkWindow *parent, AdwPreferencesPage *page);

/* The colour of a widget's text. */
void       glow_compat_get_color   (GtkWidget *widget, GdkRGBA *color);

G_END_DECLS
