// swift-tools-version: 6.2
import PackageDescription

// Where libtorch is: `make setup` puts it into .deps; LIBTORCH points at one that is there already.
let libtorch = Context.environment["LIBTORCH"] ?? Context.packageDirectory + "/.deps/libtorch"

let commit: String = {
    guard let git = Context.gitInformation else { return "unknown" }
    return String(git.currentCommit.prefix(9)) + (git.hasUncommittedChanges ? "+" : "")
}()

// docs/architecture.md explains the floors; `make check` compares its table with this manifest.
let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

func library(_ name: String, on floor: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)", swiftSettings: swiftSettings)
}

func tool(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies + [
            "Fault", "ToolKit", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        path: "Sources/Tools/\(name)", swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: swiftSettings)
}

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "nocturne",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    ],
    targets: [
        // 0: C
        system("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
        .systemLibrary(name: "CSystem", path: "Sources/C/CSystem"),
        .target(
            name: "CBuildInfo", path: "Sources/C/CBuildInfo",
            cSettings: [
                .define("NOCTURNE_VERSION", to: "\"0.1.0\""), .define("NOCTURNE_COMMIT", to: "\"\(commit)\""),
            ]),

        // 1: Base
        library("Fault", on: "Base"),
        library("JSON", on: "Base"),
        library("Durable", on: "Base", ["CSystem", "Fault"]),
        library("Workers", on: "Base"),

        // 2: Bindings
        library("Digests", on: "Bindings", ["CCrypto"]),

        // 3: Batches
        library("BatchFormat", on: "Batches", ["Digests", "Durable", "Fault", "JSON"]),
        library(
            "PipelineConfig", on: "Batches", ["Fault", "JSON", .product(name: "TOMLKit", package: "TOMLKit")]),

        // 4: Runs
        library("StageRun", on: "Runs", ["BatchFormat", "Digests", "Durable", "Fault", "JSON", "PipelineConfig"]),

        // 6: ToolKit
        library(
            "ToolKit", on: ".",
            ["BatchFormat", "CBuildInfo", "Durable", "Fault", "JSON", "PipelineConfig", "StageRun", argumentParser]),

        // Tests
    ],
    cxxLanguageStandard: .cxx20
)
