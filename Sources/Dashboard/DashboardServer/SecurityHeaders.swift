internal import HTTPTypes
internal import Hummingbird

/// Restrictions for the browser, sent with every answer.
enum SecurityHeaders {
    /// Scripts, styles and data come from this server only; nothing inline, no eval, no frame around the page.
    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "media-src 'self' blob:", "font-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    private static let fields: HTTPFields = [
        .contentSecurityPolicy: policy, .xContentTypeOptions: "nosniff", .known("Referrer-Policy"): "no-referrer",
        .known("Cross-Origin-Opener-Policy"): "same-origin", .known("Cross-Origin-Resource-Policy"): "same-origin",
        .known("Permissions-Policy"): "camera=(), geolocation=(), microphone=()",
    ]

    /// Adds the headers to an answer.
    static func add(to response: inout Response) {
        for field in fields { response.headers.append(field) }
    }
}
