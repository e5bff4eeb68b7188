// Nights and moments, in the viewer's locale and zone.

const dash = "–"

// A night is a calendar date, not a moment: it must not shift by a day in western time zones.
const night = (options) => new Intl.DateTimeFormat(undefined, { timeZone: "UTC", ...options })
const nights = {
    long: night({ weekday: "long", day: "numeric", month: "long" }),
    medium: night({ weekday: "short", day: "numeric", month: "short", year: "numeric" }),
    plain: night({ day: "numeric", month: "short", year: "numeric" }),
    short: night({ day: "numeric", month: "short" }),
}

/** Whether a batch is named by a day that the calendar has; "2026-02-30" and "trial" are not. */
export function isDate(batch) {
    const time = /^\d{4}-\d{2}-\d{2}$/.test(batch) ? Date.parse(`${batch}T00:00:00Z`) : NaN
    return !Number.isNaN(time) && new Date(time).toISOString().startsWith(batch)
}

/** A batch's name for people: a date if it is one (in the form of `nights`), else the name itself. */
export function nightName(batch, form = "medium") {
    if (!batch) return dash
    return isDate(batch) ? nights[form].format(Date.parse(`${batch}T00:00:00Z`)) : batch
}

/** The nights from one to another, for people: "18–20 Nov 2026". */
export const nightRange = (first, last) => (isDate(first) && isDate(last)
    ? nights.plain.formatRange(Date.parse(first), Date.parse(last))
    : `${first} to ${last}`)

/** The number of days between two batches; null if one is not a date. */
export function nightsBetween(older, newer) {
    if (!isDate(older) || !isDate(newer)) return null
    return Math.round((Date.parse(newer) - Date.parse(older)) / 86_400_000)
}

/** The date `days` before a batch that is a date. */
export function nightsBefore(batch, days) {
    return new Date(Date.parse(`${batch}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10)
}

const moments = new Intl.DateTimeFormat(undefined, {
    weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
})
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" })
const days = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" })
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" })

const formatted = (format) => (text) => {
    const time = typeof text === "number" ? text : Date.parse(text)
    return Number.isNaN(time) ? dash : format.format(time)
}

/** A moment, short: weekday, date, time. */
export const moment = formatted(moments)
/** A moment with seconds and zone. */
export const exactMoment = formatted(exact)
/** The day of a moment. */
export const day = formatted(days)
const timeOfDay = formatted(clock)

/** A moment as a time of day, with the date unless it is today. Milliseconds since 1970. */
export function asOf(time, now) {
    return new Date(time).toDateString() === new Date(now).toDateString() ? timeOfDay(time) : moment(time)
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "always" })
const steps = [["day", 86_400, 2], ["hour", 3_600, 1], ["minute", 60, 1]]

/** "4 hours ago", "in 18 hours". */
export function fromNow(text, now) {
    const time = Date.parse(text)
    if (Number.isNaN(time)) return dash
    const seconds = Math.round((time - now) / 1_000)
    for (const [name, length, least] of steps) {
        if (Math.abs(seconds) >= length * least) return relative.format(Math.trunc(seconds / length), name)
    }
    return seconds <= 0 ? "just now" : "in less than a minute"
}
