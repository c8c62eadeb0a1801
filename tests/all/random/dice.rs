//! Choices drawn from a list of numbers: a shorter list, or smaller numbers, make a simpler world, so proptest can shrink it.

pub struct Dice<'a> {
    left: std::slice::Iter<'a, u32>,
}

impl<'a> Dice<'a> {
    pub fn new(numbers: &'a [u32]) -> Self {
        Self { left: numbers.iter() }
    }
    /// A number below `end`; zero once the list is used up.
    pub fn below(&mut self, end: usize) -> usize {
        let next = self.left.next().copied().unwrap_or(0) as usize;
        if end == 0 { 0 } else { next % end }
    }
    /// True in so many of a hundred cases, and never once the list is used up.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent
    }
    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }
    pub fn maybe<'t, T>(&mut self, from: &'t [T]) -> Option<&'t T> {
        if from.is_empty() { None } else { Some(self.pick(from)) }
    }
    /// One to `most` different members, in an order of its own.
    pub fn some<T: Clone>(&mut self, from: &[T], most: usize) -> Vec<T> {
        let mut left = from.to_vec();
        let mut taken = Vec::new();
        for _ in 0..=self.below(most) {
            if !left.is_empty() {
                let at = self.below(left.len());
                taken.push(left.remove(at));
            }
        }
        taken
    }
}
