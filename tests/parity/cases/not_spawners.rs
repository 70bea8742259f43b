pub struct Commands(Vec<(u32, &'static str)>);

impl Commands {
    pub fn spawn(&mut self, bundle: (u32, &'static str)) -> &mut Self {
        self.0.push(bundle);
        self
    }

    pub fn spawn_with(&mut self, change: fn(u32) -> u32) -> u32 {
        change(1)
    }

    pub fn spawn_batch(&mut self, list: impl Iterator<Item = u32>) -> u32 {
        list.sum()
    }
}

fn spawn<T: Default>(_: T) -> T {
    T::default()
}

#[propagate_context]
pub async fn looks_like(commands: &mut Commands) -> u32 {
    commands.spawn((1, "a")).spawn((2, "b"));
    let with = commands.spawn_with(|n| n + 1);
    let batch = commands.spawn_batch((0..3).map(|n| n));
    let inferred: Vec<u32> = spawn(Vec::new());
    let default: u32 = spawn(Default::default());
    with + batch + default + inferred.len() as u32
}

pub fn run() {
    let mut commands = Commands(Vec::new());
    let sum = crate::support::block_on(looks_like(&mut commands));
    crate::support::log(format!("{sum} {:?}", commands.0));
}
