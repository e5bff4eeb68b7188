// Numbers in the viewer's locale. An unknown value is a dash.

const dash = "–"
const formatter = (options) => {
    const format = new Intl.NumberFormat(undefined, options)
    return (value) => (Number.isFinite(value) ? format.format(value) : dash)
}

export const count = formatter({ maximumFractionDigits: 0 })
export const decimal = formatter({ maximumSignificantDigits: 3 })
export const score = formatter({ minimumFractionDigits: 3, maximumFractionDigits: 3 })
const wholePercent = formatter({ style: "percent", maximumFractionDigits: 0 })
const finePercent = formatter({ style: "percent", maximumFractionDigits: 1 })

/** A share of one. Near 0 and near 1 with one more digit, so that "100 %" means all of them. */
export function percent(value) {
    if (!Number.isFinite(value)) return dash
    if (value > 0.999 && value < 1) return finePercent(0.999)
    return value < 0.1 || value > 0.9 ? finePercent(value) : wholePercent(value)
}

const unit = (name, digits, display = "short") => formatter({
    style: "unit", unit: name, maximumFractionDigits: digits, unitDisplay: display,
})
const units = {
    second: unit("second", 0), tenth: unit("second", 1), hundredth: unit("second", 2), minute: unit("minute", 0),
    hour: unit("hour", 0), kilobyte: unit("kilobyte", 0), megabyte: unit("megabyte", 0), gigabyte: unit("gigabyte", 1),
}

/** A span of time, from seconds. */
export function duration(seconds) {
    if (!Number.isFinite(seconds)) return dash
    if (seconds < 1) return units.hundredth(seconds)
    if (seconds < 100) return units.tenth(seconds)
    if (seconds < 5_400) return units.minute(seconds / 60)
    const minutes = Math.round(seconds / 60)
    return `${units.hour(Math.floor(minutes / 60))} ${units.minute(minutes % 60)}`
}

/** A size; 1 MB is 1,000,000 bytes. */
export function bytes(value) {
    if (!Number.isFinite(value)) return dash
    if (value < 1e6) return units.kilobyte(value / 1e3)
    return value < 1e9 ? units.megabyte(value / 1e6) : units.gigabyte(value / 1e9)
}

/** One number per another; not a number where either is not known. */
export const ratio = (part, whole) => (Number.isFinite(part) && whole > 0 ? part / whole : NaN)

/** "1 recording", "1,240 recordings". */
export function counted(value, one, many) { return `${count(value)} ${value === 1 ? one : many}` }
