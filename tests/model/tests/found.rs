//! Programs that once revealed a fault, in their smallest form.

use propagate_context_model::compare;
use propagate_context_model::program::{Body, From, Fut, Layer, Op, Program, Runtime, Shape, Var};

#[expect(
    clippy::needless_pass_by_value,
    reason = "programs are written in place"
)]
fn run(root: Fut) {
    for runtime in [Runtime::Current, Runtime::Multi, Runtime::MultiTask] {
        let program = Program {
            runtime,
            root: root.clone(),
        };
        if let Err(difference) = compare(&program) {
            panic!("{program}\n{difference}");
        }
    }
}

fn fut(give: bool, layers: &[Layer], body: Body) -> Fut {
    Fut {
        give,
        body,
        layers: layers.to_vec(),
    }
}

const ANNOTATED: Layer = Layer::Annotated(Shape::Async);

#[test]
fn a_scope_counts_from_its_first_write_on_also_after_a_reset() {
    let inner = fut(
        true,
        &[ANNOTATED],
        vec![Op::Reset(0), Op::Yield, Op::Read, Op::Set(Var::Id)],
    );
    run(fut(
        false,
        &[ANNOTATED],
        vec![Op::Set(Var::Id), Op::Await(inner), Op::Read],
    ));
}

#[test]
fn a_message_sees_nothing_of_its_receiver() {
    for layer in [
        Layer::Message(From::Empty),
        Layer::Batch,
        Layer::Entry(From::Empty),
    ] {
        let inner = fut(
            false,
            &[layer],
            vec![Op::Read, Op::Set(Var::User), Op::Yield, Op::Read],
        );
        let body = vec![
            Op::Set(Var::Id),
            Op::Set(Var::TaskOnly),
            Op::Await(inner),
            Op::Read,
        ];
        run(fut(false, &[Layer::Scope(Var::User)], body));
    }
}
