// SPDX-License-Identifier: GPL-3.0-or-later
// Stacks that C has not: exceptions on their way up, coroutines, templates that call back. Part of chains.c's program.
#include "chains.h"

#include <algorithm>
#include <array>
#include <coroutine>
#include <exception>

static volatile unsigned long sink;

namespace {

struct Guard {
  unsigned long n;
  KEEP ~Guard () { sink = sink + burn ("cleanup", n); }
};

struct Coroutine {
  struct promise_type {
    Coroutine get_return_object () { return { std::coroutine_handle<promise_type>::from_promise (*this) }; }
    std::suspend_always initial_suspend () noexcept { return {}; }
    std::suspend_always final_suspend () noexcept { return {}; }
    void return_void () {}
    void unhandled_exception () { std::terminate (); }
  };
  std::coroutine_handle<promise_type> handle;
};

KEEP Coroutine
coroutine_body (unsigned long n)
{
  for (;; n++)
    {
      sink = sink + burn ("resume", n);
      co_await std::suspend_always {};
    }
}

template <typename T> struct Order {
  KEEP bool operator() (const T &a, const T &b) const
  {
    sink = sink + 1;
    return a < b;
  }
};

}

extern "C" {

KEEP static unsigned long
thrower_step (unsigned long n)
{
  if (sink != 41)
    throw n;
  return n;
}

KEEP static unsigned long
guarded_step (unsigned long n)
{
  Guard guard { n };

  return thrower_step (n) + 1;
}

KEEP static unsigned long
passing_step (unsigned long n)
{
  return thrower_step (n) + 1;
}

KEEP static unsigned long
catch_step (unsigned long n)
{
  // While the exception looks for its way the stack below this function is in change, but not above.
  ChainEntry *entry = chain_begin ("throw");

  for (int i = 0; i < 20; i++)
    try
      {
        n += passing_step (n);
      }
    catch (unsigned long thrown)
      {
        n += thrown;
      }
  chain_end (entry);
  try
    {
      n += guarded_step (n);
    }
  catch (unsigned long thrown)
    {
      n += burn ("catch", thrown);
    }
  return n;
}

KEEP unsigned long throw_step (unsigned long n) { n = catch_step (n); sink = sink + n; return n; }

KEEP unsigned long
resume_step (unsigned long n)
{
  static Coroutine coroutine = coroutine_body (n);

  coroutine.handle.resume ();
  return sink;
}

KEEP unsigned long
sort_step (unsigned long n)
{
  std::array<unsigned long, 200> numbers;
  ChainEntry *entry = chain_begin ("sort");

  for (auto &number : numbers)
    number = n = n * 6364136223846793005ul + 1;
  std::sort (numbers.begin (), numbers.end (), Order<unsigned long> ());
  chain_end (entry);
  return numbers[n % 200];
}

}
