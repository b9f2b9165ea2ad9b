//! What one message to many costs a whole server, from the sender's bytes to the readers' sockets:
//! decided, stored in memory, applied, rendered, written. `cargo bench -p chat-server`.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use chat_server::config::Limits;
use chat_server::{Server, ServerHandle};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// A member of the channel that reads whatever comes.
struct Member {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Member {
    fn join(address: SocketAddr, nick: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a TCP socket");
        let mut member = Self {
            stream,
            buffer: vec![0; 1 << 16],
        };
        member.send(&format!(
            "NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\nPING joined\r\n"
        ));
        member.read_until(b"PONG bench.example :joined\r\n");
        member
    }

    fn send(&mut self, text: &str) {
        self.stream
            .write_all(text.as_bytes())
            .expect("the server reads");
    }

    fn read_until(&mut self, end: &[u8]) {
        let mut tail: Vec<u8> = Vec::new();
        while !tail.ends_with(end) {
            let count = self
                .stream
                .read(&mut self.buffer)
                .expect("the server writes");
            assert!(count > 0, "the server closed the connection");
            tail.extend_from_slice(&self.buffer[..count]);
            tail.drain(..tail.len().saturating_sub(end.len()));
        }
    }
}

fn server() -> ServerHandle {
    Server::builder()
        .name("bench.example")
        .limits(Limits {
            flood: None,
            ..Limits::default()
        })
        .start()
        .expect("a free port")
}

/// `burst` messages in one packet to `members`, until the last member has the last of them.
fn fan(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fanout");
    group.sample_size(20);
    for members in [10_usize, 100, 499] {
        let server = server();
        let address = server.local_addrs()[0];
        let mut readers: Vec<Member> = (0..members)
            .map(|number| Member::join(address, &format!("m{number}")))
            .collect();
        let mut writer = Member::join(address, "writer");
        for burst in [1_usize, 16] {
            let mut text =
                "PRIVMSG #lobby :a line of the usual length, more or less\r\n".repeat(burst - 1);
            text.push_str("PRIVMSG #lobby :last\r\n");
            group.throughput(Throughput::Elements((members * burst) as u64));
            let id = BenchmarkId::new(format!("burst-{burst}"), members);
            group.bench_function(id, |bencher| {
                bencher.iter(|| {
                    writer.send(black_box(&text));
                    for reader in &mut readers {
                        reader.read_until(b"PRIVMSG #lobby :last\r\n");
                    }
                });
            });
        }
        server.shutdown_blocking("done").expect("it ran until now");
    }
    group.finish();
}

criterion_group!(benches, fan);
criterion_main!(benches);
