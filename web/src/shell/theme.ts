// SPDX-License-Identifier: Apache-2.0

export function toggleTheme(): void {
  const root = document.documentElement;
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  try {
    localStorage.setItem("nav-theme", root.dataset.theme);
  } catch {
    // A browser that keeps nothing shows its own preference next time.
  }
}

/** On a wall screen the picture has all the room. */
export const toggleWall = (): void => void document.documentElement.classList.toggle("wall");
