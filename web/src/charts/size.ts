// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from "react";

/** How large the element is, kept true: charts are drawn in its own pixels. */
export function useSize<T extends HTMLElement>(least = 240) {
  const box = useRef<T>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const resized = new ResizeObserver(([entry]) => entry && setSize({ width: Math.max(least, Math.floor(entry.contentRect.width)), height: Math.floor(entry.contentRect.height) }));
    resized.observe(box.current!);
    return () => resized.disconnect();
  }, [least]);
  return { box, ...size };
}
