#[propagate_context]
#[allow(unused_variables)]
pub async fn arguments(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) {}

#[propagate_context]
pub fn bools(a: bool, b: bool, c: bool, d: bool) -> bool {
    a && b && c && d
}

#[propagate_context]
pub async fn branches(n: u32) -> u32 {
    let mut sum = 0;
    for i in 0..n {
        if i % 2 == 0 && i > 3 || i == 7 {
            while sum < i {
                if sum % 3 == 0 {
                    match i {
                        1 | 2 => sum += 1,
                        3 => {
                            if n > 3 {
                                sum += 2;
                            } else if n > 2 {
                                sum += 3;
                            }
                        }
                        4 if n > 5 && sum > 6 => sum += 4,
                        _ => {
                            for j in 0..i {
                                if j > sum || j > n && sum > 2 {
                                    sum += 1;
                                } else if j == 5 {
                                    continue;
                                }
                            }
                        }
                    }
                }
                sum += 1;
            }
        }
    }
    sum
}
