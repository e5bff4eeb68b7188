// swift-tools-version: 6.2
import PackageDescription

// Where libtorch is: `make setup` installs it in .deps; LIBTORCH points at an existing one.
let libtorch = Context.environment["LIBTORCH"] ?? Context.packageDirectory + "/.deps/libtorch"

// `make faults` builds the parsers with libFuzzer and AddressSanitizer, in a separate build tree.
let isFuzzer = Context.environment["NOCTURNE_FUZZER"] != nil

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

func support(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Tests/Support/\(name)", exclude: exclude,
        swiftSettings: name.hasPrefix("C") ? [] : swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: exclude, swiftSettings: swiftSettings)
}

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// The dependencies of nearly every target above the bindings.
let core: [Target.Dependency] = ["Durable", "Fault", "JSON"]
/// The dependencies of every stage.
let stage: [Target.Dependency] = core + ["BatchFormat", "PipelineConfig", "StageRun"]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "nocturne",
    products: [
        // infer opens this library at run time, so that runs without a model do not pay for libtorch.
        .library(name: "nocturne-torch", type: .dynamic, targets: ["TorchShim"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        // Used only by the dashboard; without Hummingbird's traits there is less to build.
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // 0: C
        system("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
        system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        system("CMPG123", pkgConfig: "libmpg123", apt: "libmpg123-dev"),
        system("CPQ", pkgConfig: "libpq", apt: "libpq-dev"),
        system("CSamplerate", pkgConfig: "samplerate", apt: "libsamplerate0-dev"),
        system("CSndfile", pkgConfig: "sndfile", apt: "libsndfile1-dev"),
        system("CSoxr", pkgConfig: "soxr", apt: "libsoxr-dev"),
        .target(name: "CFourier", path: "Sources/C/CFourier"),
        .target(name: "CTorch", path: "Sources/C/CTorch"),
        .target(
            name: "TorchShim", dependencies: ["CTorch"], path: "Sources/C/TorchShim",
            exclude: ["exports.map"],
            cxxSettings: [
                .unsafeFlags([
                    "-isystem", libtorch + "/include",
                    "-isystem", libtorch + "/include/torch/csrc/api/include",
                    "-fno-cxx-modules", "-fvisibility=hidden", "-fvisibility-inlines-hidden",
                ])
            ],
            linkerSettings: [
                .unsafeFlags([
                    "-L" + libtorch + "/lib", "-Xlinker", "-rpath", "-Xlinker", libtorch + "/lib",
                    "-Xlinker", "--version-script=" + Context.packageDirectory + "/Sources/C/TorchShim/exports.map",
                ]),
                .linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
            ]),
        .systemLibrary(name: "CSyscalls", path: "Sources/C/CSyscalls"),
        .target(name: "CManyHashes", path: "Sources/C/CManyHashes", exclude: ["lanes.h"]),
        .target(
            name: "CBuildInfo", path: "Sources/C/CBuildInfo",
            cSettings: [
                .define("NOCTURNE_VERSION", to: "\"0.1.0\""), .define("NOCTURNE_COMMIT", to: "\"\(commit)\""),
            ]),

        // 1: Base
        library("Fault", on: "Base"),
        library("JSON", on: "Base"),
        library("Time", on: "Base"),
        library("Durable", on: "Base", ["CSyscalls", "Fault"]),
        library("Memory", on: "Base", ["CSyscalls"]),
        library("Processes", on: "Base", ["CSyscalls", "Fault"]),
        library("Signal", on: "Base", ["CFourier"]),
        library("TextFormats", on: "Base", ["Fault"]),
        library("Workers", on: "Base"),

        // 2: Bindings
        library("Digests", on: "Bindings", ["CCrypto", "CManyHashes"]),
        library("PostgresClient", on: "Bindings", ["CPQ", "Fault", "JSON"]),
        library("Resampling", on: "Bindings", ["CSamplerate", "CSoxr", "Fault"]),
        library("SoundFile", on: "Bindings", ["CMPG123", "CSndfile", "Fault"]),
        library("TOMLText", on: "Bindings", ["Time", .product(name: "TOMLKit", package: "TOMLKit")]),
        library("TorchModel", on: "Bindings", ["CTorch", "Fault"]),
        library("Transfer", on: "Bindings", ["CCurl", "Durable", "Fault", "Time", "Workers"]),

        // 3: Batches
        library("BatchFormat", on: "Batches", core + ["Digests", "Time"]),
        library("PipelineConfig", on: "Batches", ["Durable", "Fault", "JSON", "Signal", "TOMLText", "Time"]),

        // 4: Services
        library("Alerts", on: "Services", core + ["Digests", "Processes", "Transfer"]),
        library("ObjectSources", on: "Services", core + ["Time", "Transfer"]),
        library(
            "Downloads", on: "Services",
            ["Digests", "Durable", "Fault", "ObjectSources", "Time", "Transfer", "Workers"]),
        library("ObjectNotices", on: "Services", ["Digests", "Fault", "JSON", "ObjectSources", "Transfer"]),

        // 5: Runs
        library("Removal", on: "Runs", core + ["BatchFormat", "Digests", "PipelineConfig", "Time"]),
        library(
            "StageRun", on: "Runs",
            core + ["BatchFormat", "Digests", "Memory", "PipelineConfig", "Processes", "Removal", "Time", "Workers"]),
        library("Inspection", on: "Runs", core + ["BatchFormat", "Digests", "PipelineConfig", "StageRun"]),
        library("Models", on: "Runs", core + ["Digests", "TOMLText"]),
        library(
            "Night", on: "Runs",
            core + [
                "Alerts", "BatchFormat", "Digests", "Memory", "PipelineConfig", "Processes", "StageRun", "TextFormats",
                "Time",
            ]),

        // 6: Stages
        library(
            "FetchStage", on: "Stages",
            stage + [
                "Digests", "Downloads", "ObjectNotices", "ObjectSources", "PostgresClient", "Processes", "TextFormats",
                "Transfer",
            ]),
        library(
            "CleanStage", on: "Stages",
            [
                "BatchFormat", "Fault", "JSON", "PipelineConfig", "Resampling", "Signal", "SoundFile", "StageRun",
                "Time",
                "Workers",
            ]),
        library("FeaturizeStage", on: "Stages", stage + ["Digests", "Signal", "Workers"]),
        library(
            "InferStage", on: "Stages", stage + ["Digests", "Memory", "Models", "Time", "TorchModel", "Workers"]),
        library(
            "StoreStage", on: "Stages",
            stage + [
                "Alerts", "Digests", "Memory", "PostgresClient", "Processes", "Time",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),

        // 7: Dashboard
        library(
            "Results", on: "Dashboard",
            core + [
                "BatchFormat", "Digests", "Inspection", "PipelineConfig", "PostgresClient", "Signal", "TextFormats",
                "Time", "Workers", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        library(
            "DashboardServer", on: "Dashboard",
            core + [
                "Digests", "Processes", "Results", "TextFormats", "Time", "Workers",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),

        // 8: ToolKit
        library(
            "ToolKit", on: ".",
            stage + ["CBuildInfo", "CSyscalls", "Processes", "Time", "Workers", argumentParser]),

        // 9: Tools
        tool(
            "batches",
            [
                "BatchFormat", "Digests", "Inspection", "JSON", "PipelineConfig", "Processes", "Removal", "StageRun",
                "Time",
            ]),
        tool("clean", ["CleanStage", "PipelineConfig", "StageRun"]),
        tool("dashboard", ["DashboardServer", "PostgresClient"]),
        tool("featurize", ["FeaturizeStage", "PipelineConfig", "StageRun"]),
        tool("fetch", ["FetchStage", "PipelineConfig", "StageRun", "Time"]),
        tool("infer", ["InferStage", "PipelineConfig", "StageRun", "TorchModel"]),
        tool(
            "nocturne",
            ["Alerts", "BatchFormat", "Durable", "JSON", "Night", "PipelineConfig", "Processes", "Time"]),
        tool("store", ["PipelineConfig", "StageRun", "StoreStage"]),

        // Everything a night needs, built together, without the dashboard, whose packages take minutes.
        library(
            "night-tools", on: "Tools", ["batches", "clean", "featurize", "fetch", "infer", "nocturne", "store"]),

        // Tests
        support("CPrograms"),
        support("TestKit", ["CPrograms"]),
        support("TestBatches", core + ["BatchFormat", "Digests", "StageRun", "TestKit"]),
        support(
            "TestDatabases",
            [
                "Fault", "JSON", "PostgresClient", "StoreStage", "TestKit", "TestServers",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        support("TestModels", ["TestKit", "TorchModel"]),
        support("TestServers", ["TestKit"], exclude: ["postgres.sh", "python"]),
        support("TestTools", ["JSON", "TestKit", .product(name: "GRDB", package: "GRDB.swift")]),
        .executableTarget(
            name: "unruly-decoder", dependencies: ["CleanStage"], path: "Tests/Support/UnrulyDecoder",
            swiftSettings: swiftSettings),
        .target(
            name: "ParserTargets",
            dependencies: ["BatchFormat", "Fault", "JSON", "ObjectSources", "PipelineConfig", "SoundFile", "TOMLText"],
            path: "Tests/Fuzz/ParserTargets", swiftSettings: swiftSettings),
        .executableTarget(
            name: "parser-fuzz", dependencies: ["ParserTargets"], path: "Tests/Fuzz/ParserFuzz",
            swiftSettings: swiftSettings + (isFuzzer ? [.define("FUZZER")] : []),
            // The default linker fails on the sanitizer's symbols.
            linkerSettings: isFuzzer ? [.unsafeFlags(["-use-ld=lld"])] : []),
        // Not installed and not tested: our side of the computation-only benchmark.
        .executableTarget(
            name: "feature-bench", dependencies: ["Signal"], path: "Tests/Benchmarks/FeatureBench",
            swiftSettings: swiftSettings),
        tests("AlertsTests", core + ["Alerts", "TestKit", "TestServers", "Transfer"]),
        tests("BatchFormatTests", core + ["BatchFormat", "Digests", "TestBatches", "TestKit"]),
        tests("CleanStageTests", stage + ["CleanStage", "Digests", "Resampling", "TestKit", "unruly-decoder"]),
        tests(
            "DashboardServerTests",
            [
                "DashboardServer", "Fault", "JSON", "TestKit", "TestServers", "TestTools",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ]),
        tests("DigestsTests", ["Digests"]),
        tests("DurableTests", ["Durable", "Fault", "TestKit"]),
        tests(
            "FaultCampaignTests", ["JSON", "ParserTargets", "TestKit", "TestServers", "TestTools"],
            exclude: ["clock.c"]),
        tests("FaultTests", ["Fault", "TestKit"]),
        tests(
            "FeaturizeStageTests",
            [
                "BatchFormat", "Digests", "Fault", "FeaturizeStage", "JSON", "PipelineConfig", "Signal", "StageRun",
                "TestBatches", "TestKit", "TestTools",
            ]),
        tests(
            "FetchStageTests",
            stage + ["Digests", "FetchStage", "ObjectSources", "TestBatches", "TestKit", "TestServers", "Transfer"]),
        tests(
            "InferStageTests",
            [
                "BatchFormat", "Digests", "Fault", "InferStage", "JSON", "Memory", "Models", "PipelineConfig",
                "StageRun",
                "TestBatches", "TestKit", "TestModels", "TorchModel",
            ], exclude: ["fake-gpu.c"]),
        tests("InspectionTests", core + ["BatchFormat", "Inspection", "StageRun", "TestBatches"]),
        tests("JSONTests", ["JSON", "TestKit"]),
        tests("MemoryTests", ["Memory", "TestKit"]),
        tests("ModelsTests", ["Digests", "Fault", "JSON", "Models", "TestKit", "TestModels"]),
        tests("NightTests", stage + ["Alerts", "Night", "TestBatches", "TestKit", "TestServers"]),
        tests(
            "ObjectStoreTests",
            core + ["Digests", "Downloads", "ObjectNotices", "ObjectSources", "TestKit", "TestServers", "Transfer"]),
        tests("PipelineConfigTests", ["Fault", "JSON", "PipelineConfig", "TestKit"]),
        tests("PipelineTests", ["JSON", "TestKit", "TestServers", "TestTools"], exclude: ["python"]),
        tests("PostgresClientTests", ["Fault", "JSON", "PostgresClient", "TestKit", "TestServers"]),
        tests("ProcessesTests", ["Fault", "Processes"]),
        tests("RemovalTests", stage + ["Digests", "Processes", "Removal", "TestBatches", "TestKit", "Time"]),
        tests("ResamplingTests", ["Fault", "Resampling", "TestKit"]),
        tests(
            "ResultsTests",
            [
                "BatchFormat", "Fault", "JSON", "PipelineConfig", "PostgresClient", "Results", "StageRun",
                "StoreStage", "TestBatches", "TestDatabases", "TestKit", "TestServers",
            ]),
        tests("SignalTests", ["JSON", "Signal", "TestKit"]),
        tests("SoundFileTests", ["Fault", "SoundFile", "TestKit"]),
        tests("StageRunTests", stage + ["Digests", "Memory", "TestBatches", "TestKit", "Workers"]),
        tests(
            "StoreStageTests",
            stage + [
                "Alerts", "Digests", "PostgresClient", "StoreStage", "TestDatabases", "TestKit", "TestServers",
                "TestTools", .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        tests("TextFormatsTests", ["Fault", "TextFormats"]),
        tests("TimeTests", ["Time"]),
        tests("TOMLTextTests", ["TOMLText"]),
        tests("ToolTests", ["JSON", "TestKit", "TestTools"], exclude: ["Snapshots"]),
        tests("TorchModelTests", ["Fault", "TestKit", "TestModels", "TorchModel"]),
        tests("TransferTests", core + ["Digests", "TestKit", "TestServers", "Transfer"]),
        tests("WorkersTests", ["Workers"]),
    ],
    cxxLanguageStandard: .cxx20
)
