/// The two logarithmic laws of telephony (ITU-T G.711): the sample of each code, full scale at ±1.
enum G711 {
    static let muLaw: [Float] = (0..<256).map { code in
        let bits = ~code & 0xFF
        let magnitude = ((bits & 0x0F) << 3 + 0x84) << (bits >> 4 & 7) - 0x84
        return Float(bits & 0x80 == 0 ? magnitude : -magnitude) / 0x8000
    }

    static let aLaw: [Float] = (0..<256).map { code in
        let bits = code ^ 0x55
        let (segment, step) = (bits >> 4 & 7, (bits & 0x0F) << 4)
        let magnitude = segment == 0 ? step + 8 : (step + 0x108) << (segment - 1)
        return Float(bits & 0x80 == 0 ? -magnitude : magnitude) / 0x8000
    }
}
