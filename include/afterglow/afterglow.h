/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/error.h>
#include <afterglow/warnings.h>
#include <afterglow/strings.h>
#include <afterglow/profile.h>
#include <afterglow/query.h>
#include <afterglow/call-tree.h>
#include <afterglow/interval.h>
#include <afterglow/load.h>
#include <afterglow/source.h>
#include <afterglow/fold.h>
#include <afterglow/layout.h>
#include <afterglow/palette.h>
#include <afterglow/names.h>
#include <afterglow/painter.h>
#include <afterglow/picture.h>
#include <afterglow/text.h>
