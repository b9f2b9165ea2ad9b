//! The subscription that drives a [`Client`].

use std::hash::{Hash, Hasher};

use chat_client::{Client, Config, Update};
use iced::Subscription;
use iced::futures::{SinkExt, Stream};

/// How many updates go to the window at once; between two such batches it can draw.
const BATCH: usize = 256;

/// A connection to keep. Its number names it: another number is another client.
#[derive(Debug, Clone)]
pub struct Job {
    /// Counts up with every press of "Connect".
    pub number: u64,
    /// Where to and as whom.
    pub config: Config,
}

/// What the worker tells the window. The number is the job's.
#[derive(Debug, Clone)]
pub enum Event {
    /// The client runs; commands go to it.
    Ready(u64, Client),
    /// What happened, in order.
    Updates(u64, Vec<Update>),
}

impl Hash for Job {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

/// Runs the client of the job for as long as the subscription is asked for.
pub fn subscription(job: Job) -> Subscription<Event> {
    Subscription::run_with(job, work)
}

fn work(job: &Job) -> impl Stream<Item = Event> + use<> {
    let Job { number, config } = job.clone();
    iced::stream::channel(16, async move |mut out| {
        let (client, mut updates) = Client::connect(config);
        // An error means that the window is gone, and then so are we.
        if out.send(Event::Ready(number, client)).await.is_err() {
            return;
        }
        let mut batch = Vec::new();
        while updates.next_many(&mut batch, BATCH).await > 0 {
            let updates = std::mem::take(&mut batch);
            if out.send(Event::Updates(number, updates)).await.is_err() {
                return;
            }
        }
    })
}
