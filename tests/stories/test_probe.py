from tests.stories.world import World
from include.fulfilment.domain.shipment import FulfilmentPost

def life(world):
    world.pass_time(hours=6)
    world.goods("CUP", 10)
    world.sell(("CUP", 1), customer_key=None, company=None, payment="upfrontPayment", financial_status="PAID")
    world.release(); world.release()

def test_limit_raised_later(world: World) -> None:
    world.goods("MUG", 5000)
    world.credit("5000", "3000")
    world.sell(("MUG", 1500))
    world.pass_time(minutes=1)
    second = world.sell(("MUG", 1500))
    world.release()
    world.release()
    life(world)
    world.credit("6500", "3000")
    world.pass_time(hours=6)
    world.release()
    assert world.standing(second) == ("in_warehouse", "")

def test_stop_later(world: World) -> None:
    world.goods("MUG", 25)
    name = world.sell(("MUG", 40))
    world.release(); world.release()
    life(world)
    world.customer_says("on_stop")
    world.floor.receive({"MUG": 15})
    world.release()
    assert len(world.held(name)) == 1
    assert world.tickets() == [("account_on_stop", name, "finance")]

def test_backorder_after_two_days(world: World) -> None:
    world.goods("MUG", 25)
    name = world.sell(("MUG", 40))
    world.release(); world.release()
    world.pass_time(hours=44)
    life(world)
    world.floor.receive({"MUG": 15})
    world.release()
    print(world.tickets())
    assert len(world.held(name)) == 2

