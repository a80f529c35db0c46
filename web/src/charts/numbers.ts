// SPDX-License-Identifier: Apache-2.0

/** A number as people read it: at most three digits that say something. */
export function numberText(value: number | undefined): string {
  if (value === undefined) return "?";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 0.001 || size >= 1e7) return value.toExponential(1).replace("e+", "e");
  if (size < 0.01) return String(Number(value.toPrecision(2)));
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return String(Number(value.toFixed(digits))).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, "\u2009");
}

export const percent = (share: number | undefined): string => (share === undefined ? "?" : `${Math.round(100 * share)} %`);
