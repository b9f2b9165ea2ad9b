//! Parsing, formatting and the codec: `cargo bench -p chat-proto`.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use chat_proto::casemap::mask_matches;
use chat_proto::{CaseMapping, LineCodec, Message, TagSection, WireLine};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use tokio_util::codec::Decoder;

const PLAIN: &[u8] = b"PRIVMSG #lobby :Good morning, did anybody see the new release yet?";
const TAGGED: &[u8] = b"@time=2026-03-01T08:15:30.123Z;msgid=00000000000004d2;account=ann \
    :ann!ann@host-17.example.org PRIVMSG #lobby :Good morning, did anybody see the new release yet?";

fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse");
    for (name, line) in [("plain privmsg", PLAIN), ("tagged privmsg", TAGGED)] {
        group.throughput(Throughput::Elements(1));
        group.bench_function(name, |bencher| {
            let line = Bytes::from_static(line);
            bencher.iter(|| Message::parse(black_box(line.clone())));
        });
    }
    group.bench_function("tagged privmsg, parts read", |bencher| {
        let line = Bytes::from_static(TAGGED);
        bencher.iter(|| {
            let message = Message::parse(black_box(line.clone())).expect("a good line");
            black_box((message.is("PRIVMSG"), message.param(0), message.param(1)));
            message.source().map(|source| black_box(source.name.len()))
        });
    });
    group.finish();
}

fn format(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("format");
    let body = || {
        WireLine::builder()
            .source(black_box("ann!ann@host-17.example.org"))
            .command("PRIVMSG")
            .param(black_box("#lobby"))
            .trailing(black_box(
                "Good morning, did anybody see the new release yet?",
            ))
            .finish_body()
    };
    let tags = || {
        let mut tags = TagSection::new();
        tags.push("time", black_box("2026-03-01T08:15:30.123Z"));
        tags.push("msgid", black_box("00000000000004d2"));
        tags
    };
    group.bench_function("body", |bencher| bencher.iter(body));
    group.bench_function("two tags", |bencher| bencher.iter(tags));
    group.bench_function("join body and tags", |bencher| {
        let (body, tags) = (body(), tags());
        bencher.iter(|| WireLine::with_tags(black_box(&tags), black_box(&body)));
    });
    group.bench_function("share body without tags", |bencher| {
        let body = body();
        bencher.iter(|| WireLine::untagged(black_box(&body)));
    });
    group.finish();
}

fn codec(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("codec");
    let stream = [TAGGED, b"\r\n"].concat().repeat(64);
    group.throughput(Throughput::Elements(64));
    group.bench_function("64 tagged lines in one read", |bencher| {
        bencher.iter_batched_ref(
            || (LineCodec::client(), BytesMut::from(&stream[..])),
            |(codec, buffer)| {
                while let Ok(Some(line)) = codec.decode(buffer) {
                    let _ = black_box(line);
                }
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

fn names(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("names");
    group.bench_function("fold a nick in small letters", |bencher| {
        bencher.iter(|| {
            CaseMapping::Ascii
                .fold(black_box("ann-of-green-gables"))
                .len()
        });
    });
    group.bench_function("mask", |bencher| {
        bencher.iter(|| {
            mask_matches(
                black_box("*!*@*.example.org"),
                black_box("ann!ann@host-17.example.org"),
            )
        });
    });
    group.bench_function("hostile mask of 100 on 100", |bencher| {
        let (mask, text) = (format!("{}b", "*a".repeat(50)), "a".repeat(100));
        bencher.iter(|| mask_matches(black_box(&mask), black_box(&text)));
    });
    group.finish();
}

criterion_group!(benches, parse, format, codec, names);
criterion_main!(benches);
