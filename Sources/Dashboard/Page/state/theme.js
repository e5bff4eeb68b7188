// Light or dark: as the system is set, until the viewer chooses.
import { ref } from "../vue.js"

const key = "nocturne.theme"
const system = matchMedia("(prefers-color-scheme: dark)")

/** "light" or "dark", what is shown now. */
export const theme = ref("light")

function remembered() {
    // Storage may be forbidden; then the choice lasts as long as the page.
    try { return localStorage.getItem(key) } catch { return null }
}

function apply(choice) {
    theme.value = choice === "light" || choice === "dark" ? choice : system.matches ? "dark" : "light"
    document.documentElement.dataset.theme = theme.value
}

export function startTheme() {
    apply(remembered())
    system.addEventListener("change", () => apply(remembered()))
}

export function switchTheme() {
    const choice = theme.value === "dark" ? "light" : "dark"
    try { localStorage.setItem(key, choice) } catch { /* see above */ }
    apply(choice)
}
