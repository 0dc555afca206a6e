/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DWARF expressions in call frame information: few rules need one, procedure linkage tables and signal frames do.
 *
 * Source: DWARF 5, 2.5 and 6.4.3. */
#include "symbols/unwind-private.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <string.h>

#define STACK_SIZE 64
/* A loop in a hostile expression ends here. */
#define STEPS_AT_MOST 2000

gboolean
glow_dump_read (const GlowStackDump *dump, guint64 address, guint size, guint64 *value)
{
  guint64 at = address - dump->address;

  if (address < dump->address || at > dump->n || size > dump->n - at)
    return FALSE;
  *value = 0;
  switch (size)
    {
    case 8:
      memcpy (value, dump->bytes + at, 8);
      if (dump->swap)
        *value = GUINT64_SWAP_LE_BE (*value);
      return TRUE;
    case 4:
      {
        guint32 word;

        memcpy (&word, dump->bytes + at, 4);
        *value = dump->swap ? GUINT32_SWAP_LE_BE (word) : word;
        return TRUE;
      }
    case 2:
      {
        guint16 half;

        memcpy (&half, dump->bytes + at, 2);
        *value = dump->swap ? GUINT16_SWAP_LE_BE (half) : half;
        return TRUE;
      }
    case 1:
      *value = dump->bytes[at];
      return TRUE;
    default:
      return FALSE;
    }
}

typedef struct {
  guint64 values[STACK_SIZE];
  guint n;
  gboolean failed;
} Stack;

static void
push (Stack *stack, guint64 value)
{
  if (stack->n == STACK_SIZE)
    stack->failed = TRUE;
  else
    stack->values[stack->n++] = value;
}

static guint64
pop (Stack *stack)
{
  if (stack->n == 0)
    {
      stack->failed = TRUE;
      return 0;
    }
  return stack->values[--stack->n];
}

static guint64
register_value (Stack *stack, const GlowUnwindState *state, guint64 number)
{
  if (number >= GLOW_UNWIND_REGISTERS || !(state->known >> number & 1))
    {
      stack->failed = TRUE;
      return 0;
    }
  return state->reg[number];
}

/* Two values in, one out. FALSE where @atom is none of these. */
static gboolean
do_arithmetic (Stack *stack, guint8 atom)
{
  guint64 b, a, result;

  if (!((atom >= DW_OP_and && atom <= DW_OP_or) || (atom >= DW_OP_plus && atom <= DW_OP_xor && atom != DW_OP_plus_uconst)
        || (atom >= DW_OP_eq && atom <= DW_OP_ne))
      || atom == DW_OP_neg || atom == DW_OP_not)
    return FALSE;
  b = pop (stack);
  a = pop (stack);
  switch (atom)
    {
    case DW_OP_and: result = a & b; break;
    case DW_OP_div:
      stack->failed |= b == 0;
      result = b == 0 || b == G_MAXUINT64 ? 0 - a : (guint64) ((gint64) a / (gint64) b);
      break;
    case DW_OP_minus: result = a - b; break;
    case DW_OP_mod:
      stack->failed |= b == 0;
      result = b == 0 ? 0 : a % b;
      break;
    case DW_OP_mul: result = a * b; break;
    case DW_OP_or: result = a | b; break;
    case DW_OP_plus: result = a + b; break;
    case DW_OP_shl: result = b < 64 ? a << b : 0; break;
    case DW_OP_shr: result = b < 64 ? a >> b : 0; break;
    case DW_OP_shra: result = (guint64) ((gint64) a >> MIN (b, 63)); break;
    case DW_OP_xor: result = a ^ b; break;
    case DW_OP_eq: result = a == b; break;
    case DW_OP_ge: result = (gint64) a >= (gint64) b; break;
    case DW_OP_gt: result = (gint64) a > (gint64) b; break;
    case DW_OP_le: result = (gint64) a <= (gint64) b; break;
    case DW_OP_lt: result = (gint64) a < (gint64) b; break;
    default: result = a != b; break;
    }
  push (stack, result);
  return TRUE;
}

/* What moves values about, or makes one of one. */
static gboolean
do_stack (Stack *stack, guint8 atom, const Dwarf_Op *op)
{
  guint64 a, b, c;

  switch (atom)
    {
    case DW_OP_dup:
      a = pop (stack);
      push (stack, a);
      push (stack, a);
      break;
    case DW_OP_drop: pop (stack); break;
    case DW_OP_over:
      if (stack->n < 2)
        stack->failed = TRUE;
      else
        push (stack, stack->values[stack->n - 2]);
      break;
    case DW_OP_pick:
      if (op->number >= stack->n)
        stack->failed = TRUE;
      else
        push (stack, stack->values[stack->n - 1 - op->number]);
      break;
    case DW_OP_swap:
      b = pop (stack);
      a = pop (stack);
      push (stack, b);
      push (stack, a);
      break;
    case DW_OP_rot:
      c = pop (stack);
      b = pop (stack);
      a = pop (stack);
      push (stack, c);
      push (stack, a);
      push (stack, b);
      break;
    case DW_OP_abs:
      a = pop (stack);
      push (stack, (gint64) a < 0 ? 0 - a : a);
      break;
    case DW_OP_neg: push (stack, 0 - pop (stack)); break;
    case DW_OP_not: push (stack, ~pop (stack)); break;
    case DW_OP_plus_uconst: push (stack, pop (stack) + op->number); break;
    case DW_OP_nop: break;
    default: return FALSE;
    }
  return TRUE;
}

/* Where a branch goes: operations know their byte offsets. G_MAXSIZE: nowhere. */
static gsize
find_target (const Dwarf_Op *ops, gsize n, const Dwarf_Op *from)
{
  guint64 wanted = from->offset + 3 + (guint64) (gint64) (gint16) from->number;

  for (gsize i = 0; i < n; i++)
    if (ops[i].offset == wanted)
      return i;
  return wanted > ops[n - 1].offset ? n : G_MAXSIZE;
}

gboolean
glow_cfi_evaluate (const void *operations, gsize n, const GlowUnwindState *state, const GlowStackDump *dump, guint address_size, guint64 cfa,
                   guint64 *value, gboolean *is_value)
{
  const Dwarf_Op *ops = operations;
  Stack stack = { .n = 0 };
  guint steps = 0;

  *is_value = FALSE;
  for (gsize i = 0; i < n && !stack.failed; i++)
    {
      const Dwarf_Op *op = &ops[i];
      guint8 atom = op->atom;
      guint64 memory;

      if (++steps > STEPS_AT_MOST)
        return FALSE;
      if (do_arithmetic (&stack, atom) || do_stack (&stack, atom, op))
        continue;
      if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31)
        push (&stack, atom - DW_OP_lit0);
      else if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31)
        push (&stack, register_value (&stack, state, atom - DW_OP_breg0) + op->number);
      else if (atom >= DW_OP_reg0 && atom <= DW_OP_reg31)
        {
          push (&stack, register_value (&stack, state, atom - DW_OP_reg0));
          *is_value = TRUE;
        }
      else
        switch (atom)
          {
          case DW_OP_addr: case DW_OP_const1u: case DW_OP_const1s: case DW_OP_const2u: case DW_OP_const2s: case DW_OP_const4u:
          case DW_OP_const4s: case DW_OP_const8u: case DW_OP_const8s: case DW_OP_constu: case DW_OP_consts:
            push (&stack, op->number);
            break;
          case DW_OP_bregx: push (&stack, register_value (&stack, state, op->number) + op->number2); break;
          case DW_OP_regx:
            push (&stack, register_value (&stack, state, op->number));
            *is_value = TRUE;
            break;
          case DW_OP_call_frame_cfa: push (&stack, cfa); break;
          case DW_OP_stack_value: *is_value = TRUE; break;
          case DW_OP_deref:
          case DW_OP_deref_size:
            if (!glow_dump_read (dump, pop (&stack), atom == DW_OP_deref ? address_size : (guint) op->number, &memory))
              return FALSE;
            push (&stack, memory);
            break;
          case DW_OP_bra:
          case DW_OP_skip:
            if (atom == DW_OP_bra && pop (&stack) == 0)
              break;
            i = find_target (ops, n, op);
            if (i == G_MAXSIZE)
              return FALSE;
            i--;               /* the loop adds one */
            break;
          default:
            return FALSE;
          }
    }
  *value = pop (&stack);
  if (address_size == 4)
    *value &= 0xffffffff;
  return !stack.failed;
}
