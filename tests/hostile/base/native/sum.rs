/// Returns the sum of some prices.
pub fn sum(prices: &[u64]) -> u64 {
    prices.iter().sum()
}
