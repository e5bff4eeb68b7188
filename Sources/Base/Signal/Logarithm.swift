/// The natural logarithm of each lane, for normal positive numbers, within 2 units in the last place. Infinity and NaN
/// give NaN.
///
/// Written out rather than taken from the C library for two reasons: eight lanes at once, and the same bits on every
/// machine (C libraries choose their `logf` by processor). With x = 2^e · m and m in [√½, √2),
/// ln x = e·ln 2 + 2·artanh(s), s = (m − 1)/(m + 1), |s| < 0.172: five terms of the series leave 2e-9.
@inline(__always)
package func naturalLogarithm(_ x: Lanes) -> Lanes {
    let bits = unsafeBitCast(x, to: SIMD8<Int32>.self)
    let halfRoot: Int32 = 0x3F35_04F3  // √½
    let exponent = (bits &- halfRoot) &>> 23
    let mantissa = unsafeBitCast(bits &- (exponent &<< 23), to: Lanes.self)

    let s = (mantissa - 1) / (mantissa + 1)
    let s2 = s * s
    let (third, fifth, seventh, ninth): (Float, Float, Float, Float) = (1 / 3, 1 / 5, 1 / 7, 1 / 9)
    var series = s2 * ninth + seventh
    series = series * s2 + fifth
    series = series * s2 + third
    let logarithmOfMantissa = (s + s) + (s + s) * (s2 * series)

    // An integer below 2^22 added to 1.5 · 2^23 ends up in the low bits of the sum: a conversion without leaving the
    // lanes.
    let exponentValue = unsafeBitCast(exponent &+ 0x4B40_0000, to: Lanes.self) - 12_582_912
    // ln 2 in two pieces; the first has so few bits that its product with an exponent is exact.
    let logarithm = exponentValue * 0.693_359_375 + (logarithmOfMantissa + exponentValue * -2.121_944_4e-4)
    // Zero for every finite number; without it, an overflow would come out as a plausible 88.7.
    return logarithm + (x - x)
}

/// Each lane, raised to at least `floor`.
@inline(__always)
func atLeast(_ floor: Float, _ x: Lanes) -> Lanes {
    x.replacing(with: floor, where: x .< floor)
}
