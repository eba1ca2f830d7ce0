"""Ordinary talk that looks like what patterns look for stays whole."""

import pytest

from assets.restricted.scrubbing.letters import Letters
from assets.restricted.scrubbing.words import TokenizedMessage

ORDINARY = """
may i ask who is on
they may be late
it may rain so bring a coat
she will march the residents out
we march on parliament and then what
this may take a while
i sat down in the sun
he sat with her and she sat with me
sat in the car, crying
the sun is out at last
sun cream is in the drawer
sign the mar sheet please
he lent me his car
ring me when you can
my number is in the book
what is your number again
text me on the work phone
call the office
half an hour late again
half of us are off sick
i am half asleep
a couple of us are staying
once or twice a week
both of them were off
someone has taken the last of the milk
everyone is tired
the ward is full
the floor is wet
on the floor again
the bus was late so i walked
my bus never came
the train was packed
stay in bed if you are ill
she is in her room
room for a little more
the house is cold
in the house x
in bed u ok
a long road ahead
down the road from me
across the street
on the main road
in the fast lane of life
a long drive home
the minute we walked in
he is close to the end
they close the gate at night
out of order
a good way to put it
go that way then
have a good day all
good morning everyone
good night and god bless
see you tomorrow
this weekend or next week
in the spring
late again this morning
work nights and sleep days
an early and a late
who has the login
the password is not working
my code is rubbish
the wifi is down
reset my password please
the case is closed
in any case we go
the ref was blind
quarter of the team left
a quarter of the cake
on facebook all day
it was all over facebook
her instagram is lovely to look at
that is the point, full stop
dead on the dot again
a dot of cream on the end
and/or whatever
yes...no...maybe
i said yes!no wait
*please* stop
_please_ stop
thanks!!! so much
u r a star
c u later
i a m so tired
the b&b by the sea
she is old and frail
years of this and no thanks
pay us what we are owed
pounds of potatoes to peel
the pen is by the till
wait till we get there
up to us now
from then to now
be there or be square
no idea, no clue, no thanks
go on then
second guess everything
"""
COUNTED_OUT = {"second guess everything", "i a m so tired", "once or twice a week"}


@pytest.mark.parametrize("form", [str, str.capitalize, str.upper])
def test_ordinary_talk_stays_whole(form, patterns):
    texts = [line for line in ORDINARY.splitlines() if line and line not in COUNTED_OUT]
    assert len(texts) > 90
    for text in texts:
        message = TokenizedMessage.read(form(text))
        assert patterns.removes(message) == {}, text
        assert Letters().removes(message) == {}, text
