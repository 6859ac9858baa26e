#![allow(dead_code)]
pub async fn f<'a, const N: usize>(x: &'a mut [u8; N]) -> impl Iterator<Item = &'a u8> + 'a
where
    u8: Copy,
{
    let Some(y) = x.first() else { return x.iter() };
    let s = r#"a"b"#;
    match *y { 0..=9 | b'a' => {} n @ 10.. if n > 3 => (), _ => unreachable!("{s}") }
    x.iter()
}
macro_rules! m { ($($x:expr),* $(,)?) => { [$($x),*] }; }
