// Readable names of codes and figures.

const reasons = {
    truncated: "Cut short", undecodable: "Damaged", unsupported: "Format not supported", too_short: "Too short",
    too_long: "Too long",
    silent: "Silent", not_finite: "Broken samples", missing_field: "Information missing",
    invalid_field: "Information invalid",
    bad_key: "Unusable name", vanished: "Vanished while fetching", duplicate: "Sent twice",
    archived: "In an archive", encrypted: "Encrypted", forbidden: "Not allowed to read",
    bad_metadata: "Metadata unusable",
    inference_failed: "Model failed",
    unstorable: "Cannot be stored",
}

/** Why a recording was rejected. */
export const reasonName = (code) => reasons[code] ?? plain(code)

const alerts = {
    stage_failed: "A stage failed", gate_failed: "Results held back", night_late: "Late", success_rate: "Many rejected",
    memory: "Memory short",
    slow_batch: "Slow batch",
}

/** What an alert is about. */
export const alertName = (code) => alerts[code] ?? plain(code)

/** In the order in which they are shown. */
const figures = {
    snr_db: ["Signal-to-noise ratio", "dB"], rms_dbfs: ["Loudness (RMS)", "dBFS"], loudness: ["Loudness", "LUFS"],
    peak_dbfs: ["Loudest sample", "dBFS"], clipping_ratio: ["Clipped samples", "share"],
    silence_ratio: ["Silence", "share"], bandwidth_hz: ["Bandwidth", "Hz"], dc_offset: ["DC offset", ""],
    seconds: ["Length of recordings", "s"], source_rate: ["Sample rate as sent", "Hz"],
    source_channels: ["Channels as sent", ""],
}

/** A quality figure's name and unit. "filled.gain_db": how often that field was filled in. */
export function figureName(code) {
    const field = /^filled\.(.+)$/.exec(code)?.[1]
    if (field) return { name: `Filled in: ${field}`, unit: "share" }
    const [name, unit] = figures[code] ?? [plain(code), ""]
    return { name, unit }
}

const place = (code) => (code in figures ? Object.keys(figures).indexOf(code) : Infinity)

/** Sorts the codes of figures: the most important first, those without a name here last. */
export const byImportance = (a, b) => place(a) - place(b) || (a < b ? -1 : 1)

function plain(code) {
    const words = String(code).replaceAll("_", " ")
    return words.charAt(0).toUpperCase() + words.slice(1)
}
