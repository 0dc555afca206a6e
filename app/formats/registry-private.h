/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which formats there are, and which one a content is. */
#pragma once
#include "formats/format-private.h"

G_BEGIN_DECLS

/* Bytes that recognition looks at. */
#define GLOW_RECOGNISE_HEAD (64 * 1024)

/* The format that is surest of the content, NULL where none claims it. */
const GlowFormat *glow_registry_recognise (const guint8 *head, gsize n);
/* Translated: what content that no format claims looks like. */
const char       *glow_describe_content   (const guint8 *head, gsize n);

G_END_DECLS
