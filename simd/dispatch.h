// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "simd/isa.h"

#define FOMO_DECLARE_TABLE(isa, Table)                                                             \
  namespace isa {                                                                                  \
  extern const Table table;                                                                        \
  }
#define FOMO_TABLE_ADDRESS(isa, Table) &isa::table,

/// Defines `const Table& function(fomo::simd::Isa isa)`, which returns the functions that were
/// compiled for one instruction set. `Table` is a struct of function pointers. For each set NAME
/// the per-set sources define it as `const Table table` in the namespace NAME of the namespace
/// where this macro stands.
#define FOMO_DEFINE_DISPATCH(Table, function)                                                      \
  FOMO_FOR_EACH_ISA(FOMO_DECLARE_TABLE, Table)                                                     \
  const Table& function(::fomo::simd::Isa isa) {                                                   \
    static const Table* const tables[] = {FOMO_FOR_EACH_ISA(FOMO_TABLE_ADDRESS, Table)};           \
    return *tables[int(isa)];                                                                      \
  }
