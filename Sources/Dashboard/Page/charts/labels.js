// What the charts of labels share; their rows are those of /labels.
import { ratio } from "../words/numbers.js"
import { sum } from "./common.js"

/** A label for people: a recording may have none. */
export const labelName = (label) => label || "(no label)"

/** How many recordings a row counts. */
export const itemsOf = ({ labels }) => sum(labels.map(({ items }) => items))

/** The share of a row's recordings that have a label; not a number if there are none. */
export function shareOf(row, label) {
    return ratio(row.labels.find((entry) => entry.label === label)?.items ?? 0, itemsOf(row))
}

/** The most frequent first; equal ones by name. */
export const byItems = (a, b) => b.items - a.items || (a.label < b.label ? -1 : 1)
