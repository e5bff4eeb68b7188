// Colours for drawing; those of the rest of the page are in styles/colours.css. Both were checked for contrast in both
// themes.
import { theme } from "../state/theme.js"

const light = {
    ink: "#1b2430", muted: "#5a6573", line: "#dfe4ea", surface: "#ffffff", main: "#2b63b8", mainSoft: "#c5d6f0",
    good: "#1a7f4b", warn: "#a86400", bad: "#b3261e", none: "#8a94a0",
    series: ["#2b63b8", "#c96a12", "#178a78", "#8a55b8", "#b8446c", "#71801c", "#3a94b8", "#8c6d4f"],
    ramp: ["#f1f5fb", "#c5d6f0", "#86a9dd", "#4a7cc6", "#1f4f9c"],
}
const dark = {
    ink: "#e6ebf1", muted: "#9caab8", line: "#2b3642", surface: "#18202a", main: "#7fabf5", mainSoft: "#2c4368",
    good: "#5cc98d", warn: "#f0b357", bad: "#ff8a80", none: "#7d8894",
    series: ["#7fabf5", "#f0a35c", "#4cc4ad", "#bd97ec", "#ec86ab", "#b7c65a", "#72c5e6", "#c7a786"],
    ramp: ["#1d2733", "#2c4368", "#44689f", "#6592d8", "#a5c6ff"],
}

/** The theme's colours; reading them makes a view follow the theme. */
export const colours = () => (theme.value === "dark" ? dark : light)
